"""`helion prune NAME...`: locks that change nothing taken out of decorators, with their evidence."""

from __future__ import annotations

import click

from helion.cli.codemod_run import Output, output_options, run_codemod
from helion.cli.kernel_name import KernelName
from helion_codemods.apply import without_removed
from helion_codemods.commands.prune import prune


@click.command()
@click.argument("names", metavar="FILE[::kernel]...", type=KernelName(), nargs=-1, required=True)
@output_options
def command(names: tuple[str, ...], diff: bool, check: bool, as_json: bool) -> int:
    """Remove locks that no call can reach, or without which every call runs with the same config."""
    return run_codemod(names, lambda path: prune, Output(diff, check, as_json), verb="pruned", evidence=without_removed)
