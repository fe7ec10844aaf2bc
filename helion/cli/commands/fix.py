"""`helion fix PATH...`: the safe fixes of all diagnostics, applied."""

from __future__ import annotations

import click

from helion.cli.codemod_run import Output, output_options, run_codemod
from helion_codemods.commands.fix import fix


@click.command()
@click.argument("paths", nargs=-1, required=True)
@output_options
def command(paths: tuple[str, ...], diff: bool, check: bool, as_json: bool) -> int:
    """Apply every fix in PATHS (files or folders) that is safe and the only one of its diagnostic; `helion check` shows the others."""
    return run_codemod(
        paths, lambda path: lambda text, _: fix(text, path=path), Output(diff, check, as_json), verb="fixed", whole_file=True
    )
