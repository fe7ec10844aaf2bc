"""The command-line type of `FILE::kernel`, which shells can complete: files by the shell, kernels by parsing the file."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from helion.source import SourceFile
from helion.syntax.namesakes import in_order, place_name
from helion.syntax.parse import parse_module


class KernelName(click.types.StringParamType):
    """Text; with completion after `::`."""

    name = "kernel"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        path, separator, start = incomplete.partition("::")
        if not separator:
            return [CompletionItem(incomplete, type="file")]
        try:
            module = parse_module(SourceFile.read(path))
        except (OSError, UnicodeDecodeError):
            return []
        names = (place_name(kernel) for kernel in in_order(module))
        return [CompletionItem(f"{path}::{name}") for name in names if name.startswith(start)]
