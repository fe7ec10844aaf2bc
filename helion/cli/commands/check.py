"""`helion check PATH...`: every diagnostic of every kernel, without running anything."""

from __future__ import annotations

import json
import sys

import click

from helion.cli.exit_codes import OK, PROBLEMS
from helion.cli.failure import Failure
from helion.cli.subject import python_files, read_file
from helion.compiler import check_file
from helion.diagnostics.json_form import diagnostic_to_json
from helion.diagnostics.render import render
from helion.source import SourceFile


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="A list of objects: file, kernel, code, severity, message, range, fixes.")
def command(paths: tuple[str, ...], as_json: bool) -> int:
    """Report every problem of the kernels in PATHS (files or folders). Exit code 1 when one is an error."""
    files, unreadable = _read(python_files(paths))
    results = [(file, found) for file in files for found in check_file(file)]
    if as_json:
        click.echo(json.dumps([diagnostic_to_json(file, kernel, d) for file, (kernel, d) in results], indent=2))
    else:
        for file, (_, diagnostic) in results:
            click.echo(render(file, [diagnostic], colour=sys.stdout.isatty()) + "\n")
        errors = sum(d.severity.value == "error" for _, (_, d) in results)
        click.echo(f"{errors} error{'' if errors == 1 else 's'} in {len(files)} file{'' if len(files) == 1 else 's'}")
    for problem in unreadable:
        click.echo(problem.text, err=True)
    if any(d.severity.value == "error" for _, (_, d) in results):
        return PROBLEMS
    return unreadable[0].exit_code if unreadable else OK


def _read(paths: list[str]) -> tuple[list[SourceFile], list[Failure]]:
    """The files that can be read, and what is wrong with the others: one does not hide the rest."""
    files: list[SourceFile] = []
    unreadable: list[Failure] = []
    for path in paths:
        try:
            files.append(read_file(path))
        except Failure as problem:
            unreadable.append(problem)
    return files, unreadable
