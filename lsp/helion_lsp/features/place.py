"""A module's syntax and an offset in, where that is out: which kernel, decorator or body, host or device; reads indentation.

The text around the cursor is usually broken, and a new line's depth is in no tree yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from helion.syntax.tree import KernelSyntax, ModuleSyntax

LANGUAGE = "helion.language"
_LOOP = re.compile(r"\s*for\s+(?P<targets>[^\n]*?)\s+in\s+(?P<iterator>[\w.]+)\s*\(")
_DEVICE_LOOPS = frozenset({f"{LANGUAGE}.{name}" for name in ("tile", "grid", "jagged_tile")})


@dataclass(frozen=True)
class Place:
    """`is_decorator`: before the kernel's body. `is_device`: inside a loop over tiles or indices. `loops` are the loops around, each with
    its targets' names and its iterator's full name, innermost first."""

    kernel: KernelSyntax | None
    is_decorator: bool = False
    is_device: bool = False
    loops: tuple[tuple[tuple[str, ...], str], ...] = ()


def full_name(module: ModuleSyntax, dotted: str) -> str:
    """`helion.language.zeros` of `hl.zeros`, by the file's imports; a name that is not imported is itself."""
    first, _, rest = dotted.partition(".")
    imported = module.imports.get(first)
    if imported is None:
        return dotted
    start = imported.module if imported.attribute is None else f"{imported.module}.{imported.attribute}"
    return f"{start}.{rest}" if rest else start


def place_at(module: ModuleSyntax, offset: int) -> Place:
    """Where an offset of the module's text is."""
    headers = list(_headers(module, offset))
    for kernel in module.every_kernel:
        if kernel.decorator is None:
            continue
        end = kernel.decorator.span.end if kernel.assigned is not None else kernel.function.name_span.start
        if kernel.decorator.span.start <= offset <= end:
            return Place(kernel, is_decorator=True)
    loops = tuple(
        (tuple(re.findall(r"[^\W\d]\w*", match["targets"])), full_name(module, match["iterator"]))
        for _, text in headers
        if (match := _LOOP.match(text)) is not None
    )
    lines = {module.file.position(k.function.name_span.start).line: k for k in module.every_kernel}
    kernel = next((lines[line] for line, _ in headers if line in lines), None)
    return Place(kernel, is_device=kernel is not None and any(name in _DEVICE_LOOPS for _, name in loops), loops=loops)


def tile_names(place: Place) -> dict[str, str]:
    """Names that loops around the cursor certainly bind to a tile, with the loop's function: what is known before any check."""
    tiles = (f"{LANGUAGE}.tile", f"{LANGUAGE}.jagged_tile")
    return {name: iterator for names, iterator in reversed(place.loops) if iterator in tiles for name in names}


def _headers(module: ModuleSyntax, offset: int) -> Iterator[tuple[int, str]]:
    """The lines that the cursor's line is indented under, innermost first, each with its number."""
    file = module.file
    where = file.position(offset)
    text = file.line_text(where.line)
    depth = _depth(text) if text.strip() else where.column
    line = where.line - 1
    while line >= 0 and depth > 0:
        text = file.line_text(line)
        stripped = text.strip()
        if stripped and stripped[0] not in ")]}#" and _depth(text) < depth:
            depth = _depth(text)
            yield line, text
        line -= 1


def _depth(text: str) -> int:
    return len(text) - len(text.lstrip())
