"""The command-line type of `FILE::kernel`, which shells can complete: files by the shell, kernels by parsing the file."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from helion.source import SourceFile
from helion.syntax.parse import parse_module


class KernelName(click.types.StringParamType):
    """Text; with completion after `::`."""

    name = "kernel"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        path, separator, start = incomplete.partition("::")
        if not separator:
            return [CompletionItem(incomplete, type="file")]
        try:
            kernels = parse_module(SourceFile.read(path)).kernels
        except (OSError, UnicodeDecodeError):
            return []
        names = dict.fromkeys(kernel.qualname for kernel in kernels)
        return [CompletionItem(f"{path}::{name}") for name in names if name.startswith(start)]
