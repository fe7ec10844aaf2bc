"""A generated module and the kernel's file in, the same text with comments that say which line each statement comes from out."""

from __future__ import annotations

from pathlib import Path

from helion.codegen.triton_module import TritonModule
from helion.source import SourceFile


def with_origin_lines(module: TritonModule, file: SourceFile) -> str:
    """`# src[file.py:12]: acc = acc + x[tile]` above the first of the lines that come from line 12, again after lines of others.

    Only for reading: what runs has no such comments, so that a kernel that moves in its file stays the same to Triton's cache.
    """
    spans = dict(module.source_map)
    name = Path(file.path).name
    out: list[str] = []
    last: int | None = None
    for number, text in enumerate(module.text.split("\n")):
        origin = file.position(spans[number].start).line if number in spans and text.strip() else None
        if origin is not None and origin != last:
            indentation = text[: len(text) - len(text.lstrip())]
            out.append(f"{indentation}# src[{name}:{origin + 1}]: {file.line_text(origin).strip()}")
        last = origin if text.strip() else last
        out.append(text)
    return "\n".join(out)
