"""`helion unlock NAME...`: locked configs, with their evidence, taken out of decorators."""

from __future__ import annotations

import click

from helion.cli.codemod_run import Output, output_options, run_codemod
from helion.cli.kernel_name import KernelName
from helion_codemods.apply import without_removed
from helion_codemods.commands.unlock import unlock


@click.command()
@click.argument("names", metavar="FILE[::kernel]...", type=KernelName(), nargs=-1, required=True)
@click.option("--device", metavar="NAME", help="Only the locks of this device.")
@click.option("--args", "signature", metavar="SIGNATURE", help="Only the locks of this signature.")
@output_options
def command(names: tuple[str, ...], device: str | None, signature: str | None, diff: bool, check: bool, as_json: bool) -> int:
    """Remove the locked configs of kernels from their decorators, and their evidence; all of them when nothing else is said."""
    return run_codemod(
        names,
        lambda path: lambda text, kernel: unlock(text, kernel, device=device, signature=signature),
        Output(diff, check, as_json),
        verb="unlocked",
        evidence=without_removed,
    )
