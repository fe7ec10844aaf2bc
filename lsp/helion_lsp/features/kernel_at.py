"""A module's syntax and a place in, the kernel that a command there is about out; needs no check, so it is known as soon as the text is."""

from __future__ import annotations

from helion.syntax.namesakes import editor_name
from helion.syntax.tree import ModuleSyntax


def kernel_at(module: ModuleSyntax, offset: int) -> str | None:
    """The innermost kernel on the offset's line, decorator and call included; between kernels the last one above."""
    text = module.file.text
    start = text.rfind("\n", 0, offset) + 1
    newline = text.find("\n", offset)
    end = len(text) if newline < 0 else newline
    parts = [(part, editor_name(kernel)) for kernel in module.every_kernel for part in kernel.parts]
    here = [(part.end - part.start, name) for part, name in parts if part.start <= end and start <= part.end]
    if here:
        return min(here, key=lambda one: one[0])[1]
    above = [(part.end, name) for part, name in parts if part.end < start]
    return max(above, key=lambda one: one[0])[1] if above else None
