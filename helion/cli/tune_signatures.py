"""What the user said of the arguments in, the signatures to tune for out: those given, else those of the decorator's `inputs=`."""

from __future__ import annotations

from dataclasses import dataclass

import click

from helion.cli.example_reader import ExampleReader, complete_signatures
from helion.cli.subject import Subject
from helion.signatures.notation import format_notation
from helion.syntax.tree import KernelSyntax


@dataclass(frozen=True)
class ToTune:
    """Argument types, and the signature that a lock is written for: None when the text said the types, for every signature."""

    arguments: str
    lock: str | None


def signatures_to_tune(subject: Subject, given: str | None) -> tuple[ToTune, ...]:
    """At least one. Without `--args` and `inputs=`, what the text says of the arguments, which `subject` was checked with."""
    if given is not None:
        return (ToTune(given, given),)
    if "inputs" in subject.kernel.keywords:
        found = _signatures_of_inputs(subject.kernel)
        if found:
            return tuple(ToTune(signature, signature) for signature in found)
    if subject.taken:
        click.echo(f"note: not said in the text, so taken: {'; '.join(subject.taken)} (say more with --args)", err=True)
    return (ToTune(format_notation([p.binding.type for p in subject.typed.parameters]), None),)


def _signatures_of_inputs(kernel: KernelSyntax) -> tuple[str, ...]:
    """Those of every example, each once; none, with a note that says why, when there is nothing to tune for among them."""
    with ExampleReader() as reader:
        answer = reader.read(kernel)
    if answer.problem is not None:
        click.echo(f"note: `inputs=` gives no arguments, so they are taken from the text: {answer.problem}", err=True)
        return ()
    for example, signature in answer.signatures:
        said = "left out, since a signature cannot say all of it" if "?" in signature else "to be tuned"
        click.echo(f"inputs {example}: {signature}, {said}", err=True)
    return complete_signatures(answer)
