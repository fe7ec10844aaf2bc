"""Writes what is made from the code, pages of docs/ and a schema of the VS Code extension: `python -m docs.generate`; with `--check`, says
which are out of date instead."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from docs.api_page import api_page
from docs.codemod_pages import codemods_page
from docs.commands_page import commands_page
from docs.compiled_examples_page import compiled_examples_page
from docs.diagnostic_pages import diagnostic_pages
from docs.environment_schema import environment_schema
from docs.language_pages import config_page, language_page
from docs.performance_page import performance_page
from docs.settings_page import settings_page

ROOT = Path(__file__).parent


def generated() -> Iterator[tuple[Path, str]]:
    """Every generated file and what belongs in it."""
    yield ROOT / "language.md", language_page()
    yield ROOT / "api.md", api_page()
    yield ROOT / "commands.md", commands_page()
    yield ROOT / "config.md", config_page()
    yield ROOT / "settings.md", settings_page()
    yield ROOT / "codemods.md", codemods_page()
    yield ROOT / "performance.md", performance_page()
    yield ROOT / "compiled-examples.md", compiled_examples_page()
    yield ROOT.parent / "vscode-extension" / "environment.schema.json", environment_schema()
    yield from ((ROOT / "diagnostics" / name, text) for name, text in diagnostic_pages())


def stale(files: dict[Path, str]) -> list[str]:
    """Files that are missing, differ, or have nothing in the code any more, each in words."""
    wrong = [f"{os.path.relpath(path, ROOT)} is missing" for path in files if not path.exists()]
    wrong += [f"{os.path.relpath(path, ROOT)} differs" for path, text in files.items() if path.exists() and path.read_text("utf-8") != text]
    return wrong + [f"{path.relative_to(ROOT)} is left over" for path in sorted((ROOT / "diagnostics").glob("*.md")) if path not in files]


@click.command(help=__doc__)
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if a page is out of date.")
def main(check: bool) -> None:
    files = dict(generated())
    if check:
        wrong = stale(files)
        for line in wrong:
            click.echo(f"{line}: run `python -m docs.generate`", err=True)
        sys.exit(1 if wrong else 0)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in (ROOT / "diagnostics").glob("*.md"):
        if path not in files:
            path.unlink()


if __name__ == "__main__":
    main()
