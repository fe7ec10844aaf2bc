"""`helion check PATH...`: every diagnostic of every kernel and of its locks, without running anything."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from helion.cli.check_cache import CheckCache
from helion.cli.check_formats import FORMATS, SEVERITIES
from helion.cli.exit_codes import OK, PROBLEMS
from helion.cli.failure import Failure
from helion.cli.late_import import late_import
from helion.cli.read_source import python_files, read_file
from helion.source import SourceFile

_CACHE = Path("~/.cache/helion")


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--format", "form", type=click.Choice(["text", *FORMATS]), default="text", show_default=True, help="How to show findings.")
@click.option("--least", type=click.Choice(SEVERITIES), default="warning", show_default=True, help="The least severity to show.")
@click.option("--strict", is_flag=True, help="Exit code 1 for warnings too.")
@click.option("--no-cache", is_flag=True, help="Check again what was checked before.")
@click.option("--cache-dir", type=click.Path(path_type=Path), envvar="HELION_CACHE_DIR", default=_CACHE, help="Where findings are kept.")
def command(paths: tuple[str, ...], as_json: bool, form: str, least: str, strict: bool, no_cache: bool, cache_dir: Path) -> int:
    """Report every problem of the kernels in PATHS (files or folders), and which of their locks are stale. Exit code 1 when one is an
    error."""
    files, unreadable = _read(python_files(paths))
    shown = SEVERITIES[: SEVERITIES.index(least) + 1]
    cache = CheckCache(None if no_cache else cache_dir.expanduser())
    findings = [f for file in files for f in _findings(file, cache) if f["severity"] in shown]
    if as_json or form != "text":
        click.echo(FORMATS["json" if as_json else form](findings))
    else:
        _show(findings, len(files))
    for problem in unreadable:
        click.echo(problem.text, err=True)
    fatal = ("error", "warning") if strict else ("error",)
    if any(f["severity"] in fatal for f in findings):
        return PROBLEMS
    return unreadable[0].exit_code if unreadable else OK


def _findings(file: SourceFile, cache: CheckCache) -> list[dict[str, Any]]:
    """The compiler is imported for the first file that was not checked before."""
    known = cache.get(file.path, file.text)
    if known is None:
        checks = late_import("helion.cli.check_files")
        known = checks.findings_of(file)
        cache.put(file.path, file.text, known, checks.files_beside(file))
    return known


def _show(findings: Sequence[dict[str, Any]], files: int) -> None:
    # What knows of terminals takes longer to import than a check of known texts.
    is_coloured = sys.stdout.isatty() and importlib.import_module("helion.cli.console").is_coloured()
    key = "coloured" if is_coloured else "text"
    for finding in findings:
        click.echo(finding[key] + "\n")
    errors = [f["code"] for f in findings if f["severity"] == "error"]
    warnings = sum(f["severity"] == "warning" for f in findings)
    if files:
        counts = [_counted(len(errors), "error"), *([_counted(warnings, "warning")] if warnings else [])]
        click.echo(f"{', '.join(counts)} in {_counted(files, 'file')}")
    if errors:
        click.echo(f"`helion explain {errors[0]}` shows how {'it is' if len(set(errors)) == 1 else 'the first is'} mended")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


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
