"""What the user said of the arguments in, the signatures to tune for out: those given, else those of the decorator's `inputs=`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from helion.autotune.kernel_in_file import ExampleSignatures, KernelInFile
from helion.cli.subject import Subject, split_name
from helion.offline.process import ProcessFailure, WorkerProcess, python_command
from helion.signatures.notation import format_notation

_SECONDS = 120.0


@dataclass(frozen=True)
class ToTune:
    """Argument types, and the signature that a lock is written for: None when the text said the types, for every signature."""

    arguments: str
    lock: str | None


def signatures_to_tune(name: str, subject: Subject, given: str | None) -> tuple[ToTune, ...]:
    """At least one. Without `--args` and `inputs=`, what the text says of the arguments, which `subject` was checked with."""
    if given is not None:
        return (ToTune(given, given),)
    decorator = subject.kernel.decorator
    if decorator is not None and "inputs" in decorator.keywords:
        found = _signatures_of_inputs(name, subject.kernel.qualname)
        if found:
            return tuple(ToTune(signature, signature) for signature in found)
    if subject.taken:
        click.echo(f"note: not said in the text, so taken: {'; '.join(subject.taken)} (say more with --args)", err=True)
    return (ToTune(format_notation([p.binding.type for p in subject.typed.parameters]), None),)


def _signatures_of_inputs(name: str, qualname: str) -> tuple[str, ...]:
    """Those of every example, each once; none, with a note that says why, when there is nothing to tune for among them."""
    with WorkerProcess(python_command("helion.runtime.example_signatures")) as process:
        answer = process.request(KernelInFile(str(Path(split_name(name)[0]).resolve()), qualname, ""), _SECONDS)
    problem = answer.message if isinstance(answer, ProcessFailure) else answer.problem
    if problem is not None:
        click.echo(f"note: `inputs=` gives no arguments, so they are taken from the text: {problem}", err=True)
        return ()
    assert isinstance(answer, ExampleSignatures)
    for example, signature in answer.signatures:
        said = "left out, since a signature cannot say all of it" if "?" in signature else "to be tuned"
        click.echo(f"inputs {example}: {signature}, {said}", err=True)
    return tuple(dict.fromkeys(signature for _, signature in answer.signatures if "?" not in signature))
