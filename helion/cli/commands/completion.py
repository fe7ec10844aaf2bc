"""`helion completion SHELL`: the script that completes commands, options and kernels in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from helion.cli.bash_completion import BashScript
from helion.cli.exit_codes import OK


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> int:
    """Print the completion script of a shell, for `eval "$(helion completion bash)"` in its start-up file."""
    cls = BashScript if shell == "bash" else get_completion_class(shell)
    assert cls is not None, "click completes all three"
    click.echo(cls(context.find_root().command, {}, "helion", "_HELION_COMPLETE").source())
    return OK
