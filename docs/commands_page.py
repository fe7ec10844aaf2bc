"""The command line in, the reference page of its commands out: usage, words and options are those that `--help` prints."""

from __future__ import annotations

from collections.abc import Iterator

import click

from helion.cli.__main__ import helion


def commands_page() -> str:
    """Every command, those of groups too."""
    lines = ["# Commands", "", "What `helion COMMAND --help` prints. [Command line](cli.md) says what exit codes and outputs are."]
    context = click.Context(helion, info_name="helion")
    for name in helion.list_commands(context):
        command = helion.get_command(context, name)
        assert command is not None
        lines += _command(command, click.Context(command, info_name=name, parent=context), "##")
    return "\n".join(lines) + "\n"


def _command(command: click.Command, context: click.Context, mark: str) -> Iterator[str]:
    yield from ("", f"{mark} {context.command_path}", "")
    yield from ("```text", " ".join([context.command_path, *command.collect_usage_pieces(context)]), "```", "")
    yield " ".join((command.help or "").split())
    records = [p.get_help_record(context) for p in command.params if isinstance(p, click.Option)]
    options = [(flags.replace("|", ", "), words.replace("|", ", ")) for flags, words in filter(None, records)]
    if options:
        yield from ("", "| option | |", "|---|---|", *(f"| `{flags}` | {words} |" for flags, words in options))
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _command(below, click.Context(below, info_name=name, parent=context), f"{mark}#")
