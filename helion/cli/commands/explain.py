"""`helion explain CODE`: a diagnostic's manual page."""

from __future__ import annotations

import difflib
import inspect

import click

from helion.cli.exit_codes import NOT_FOUND, OK
from helion.cli.failure import failure
from helion.diagnostics import catalog


@click.command()
@click.argument("code")
def command(code: str) -> int:
    """Print what a diagnostic CODE means, with a bad and a good example."""
    found = catalog.find(code)
    if found is None:
        close = difflib.get_close_matches(code, [c.code for c in catalog.ALL], 1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        raise failure("unknown-code", f"`{code}` is not a diagnostic's code{hint}", NOT_FOUND)
    click.echo(f"{found.code} ({found.severity.value}, raised as helion.exc.{found.exception})\n\n{inspect.getdoc(found)}")
    return OK
