"""Names of files and kernels and a codemod in, changed files (or their diff) and an exit code out: what every codemod's command shares."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from helion.cli.exit_codes import NOT_FOUND, OK, PROBLEMS, REFUSED
from helion.cli.failure import Failure, failure
from helion.cli.read_source import python_files, split_name
from helion.source import SourceFile
from helion.syntax.namesakes import kernels_called
from helion.syntax.parse import parse_module
from helion_codemods.apply import Entries, EvidenceChange, change_file, read_text
from helion_codemods.every_kernel import KernelChange, KernelOutcome, change_kernels
from helion_codemods.outcome import Refused, Rewritten

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Output:
    """What the options say: write, or only show; as text or as JSON."""

    diff: bool
    check: bool
    as_json: bool


def output_options(command: Command) -> Command:
    """`--diff`, `--check` and `--json`."""
    options = (
        click.option("--diff", is_flag=True, help="Print the changes as a diff; write nothing."),
        click.option("--check", is_flag=True, help="Write nothing; exit with 1 if there is something to change."),
        click.option("--json", "as_json", is_flag=True, help="A list of objects: file, kernels (kernel, changed, notes, refused), diff."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@dataclass(frozen=True)
class _Result:
    file: str
    before: str
    after: str
    kernels: tuple[KernelOutcome, ...]
    forgotten: tuple[str, ...] = ()
    """Kernels that are not in the text, of which evidence was dropped."""

    @property
    def diff(self) -> str:
        lines = (self.before.splitlines(keepends=True), self.after.splitlines(keepends=True))
        text = "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline\n" for line in difflib.unified_diff(*lines, self.file, self.file)
        )
        return text.replace("\r\n", "\n")


def run_codemod(
    names: Sequence[str],
    change: Callable[[str], KernelChange],
    output: Output,
    *,
    verb: str,
    evidence: EvidenceChange | None = None,
    whole_file: bool = False,
) -> int:
    """`change` makes, for a file's path, the change of one kernel (of the file, when it is one of `whole_file`).

    `verb` says what is done, as in "pruned". Exit codes: 0 done, 1 something to change with `--check`, 5 something was refused.
    """
    results: list[_Result] = []
    failures: list[Failure] = []
    for path, kernel in _subjects(names):
        try:
            results.append(_changed(path, kernel, change(path), evidence, write=not (output.diff or output.check), whole_file=whole_file))
        except Failure as problem:
            failures.append(problem)
    _print(results, output, verb)
    for problem in failures:
        click.echo(problem.text, err=True)
    if any(k.refused is not None for result in results for k in result.kernels):
        return REFUSED
    if failures:
        return failures[0].exit_code
    return PROBLEMS if output.check and any(result.before != result.after for result in results) else OK


def _subjects(names: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    for name in names:
        path, kernel = split_name(name)
        yield from ((file, kernel) for file in python_files((path,)))


def _changed(
    name: str, kernel: str | None, change: KernelChange, evidence: EvidenceChange | None, *, write: bool, whole_file: bool
) -> _Result:
    seen: list[_Result] = []

    def rewrite(text: str) -> Rewritten | Refused:
        if whole_file:
            outcome = change(text, "")
            if isinstance(outcome, Refused):
                return outcome
            seen.append(_Result(name, text, outcome.text, (KernelOutcome("", outcome.text != text, outcome.notes),)))
        else:
            if kernel is not None and not _is_there(text, kernel):
                lost = change(text, kernel)
                assert isinstance(lost, Refused)
                raise failure("no-such-kernel", f"`{name}`: {lost.reason}", NOT_FOUND)
            seen.append(_Result(name, text, *change_kernels(text, change, kernel)))
        return Rewritten(seen[-1].after)

    forgotten: list[str] = []

    def recorded(entries: Entries, old: str, new: str) -> Entries:
        assert evidence is not None
        after = evidence(entries, old, new)
        names = {kernel.qualname for kernel in parse_module(SourceFile("", old)).every_kernel}
        gone = (str(entry.get("kernel")) for entry in entries if entry not in after)
        forgotten.extend(kernel for kernel in dict.fromkeys(gone) if kernel not in names)
        return after

    try:
        if write:
            outcome = change_file(Path(name), rewrite, None if evidence is None else recorded)
        else:
            text = read_text(Path(name))
            outcome = text if isinstance(text, Refused) else rewrite(text)
    except OSError as problem:
        raise failure("no-such-file", f"`{name}` cannot be read or written: {problem.strerror}", NOT_FOUND) from problem
    if isinstance(outcome, Refused):
        raise failure("refused", f"`{name}`: {outcome.reason}", REFUSED)
    return replace(seen[-1], forgotten=tuple(forgotten))


def _is_there(text: str, kernel: str) -> bool:
    """Whether there is a kernel of a name, or a function of it that is no kernel by what the text shows."""
    module = parse_module(SourceFile("", text))
    return bool(kernels_called(module, kernel)) or any(kernel in (name, function.name) for name, function in module.functions.items())


def _print(results: Sequence[_Result], output: Output, verb: str) -> None:
    if output.as_json:
        data = [{"file": r.file, "kernels": [asdict(k) for k in r.kernels], "diff": r.diff} for r in results]
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
        return
    for result in results:
        if output.diff:
            click.echo(result.diff, nl=False)
        for kernel in result.kernels:
            where = f"{result.file}::{kernel.kernel}" if kernel.kernel else result.file
            if kernel.refused is not None:
                click.echo(f"error[refused]: {where} was left as it is: {kernel.refused}", err=True)
            elif kernel.changed:
                did = f"would be {verb}" if output.diff or output.check else verb
                click.echo(f"{where}: {did}", err=True)
                for note in kernel.notes:
                    click.echo(f"  {note}", err=True)
        for kernel in result.forgotten:
            click.echo(f"{result.file}: what was recorded of `{kernel}`, which is not in it any more, was dropped", err=True)
    if results and not any(result.forgotten or any(k.changed or k.refused for k in result.kernels) for result in results):
        click.echo(f"nothing to be {verb}", err=True)
