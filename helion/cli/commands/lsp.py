"""`helion lsp`: the language server, in this process, on standard input and output."""

from __future__ import annotations

import runpy

import click


@click.command()
def command() -> int:
    """Run the language server (needs the extra `lsp`)."""
    runpy.run_module("helion_lsp", run_name="__main__")
    return 0
