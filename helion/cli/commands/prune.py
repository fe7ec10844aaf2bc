"""`helion prune NAME...`: locks that change nothing taken out of decorators, with their evidence, and evidence of kernels that are gone."""

from __future__ import annotations

import click

from helion.cli.codemod_run import Output, output_options, run_codemod
from helion.cli.kernel_name import KernelName
from helion.cli.read_source import split_name
from helion.locks.ownership import ownerless
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion_codemods.apply import Entries, without_removed
from helion_codemods.commands.prune import prune


@click.command()
@click.argument("names", metavar="FILE[::kernel]...", type=KernelName(), nargs=-1, required=True)
@output_options
def command(names: tuple[str, ...], diff: bool, check: bool, as_json: bool) -> int:
    """Remove locks that no call can reach, or without which every call runs with the same config; and of whole files what is recorded of
    kernels that are not in them any more."""
    whole = all(split_name(name)[1] is None for name in names)
    evidence = _without_left if whole else without_removed
    return run_codemod(names, lambda path: prune, Output(diff, check, as_json), verb="pruned", evidence=evidence)


def _without_left(entries: Entries, old: str, new: str) -> Entries:
    known = without_removed(entries, old, new)
    left = ownerless(known, parse_module(SourceFile("", new)))
    return [entry for entry in known if entry not in left]
