"""An analysis and an offset in, the hover there out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def hover(analysis: Mapping[str, Any], offset: int) -> tuple[int, int, str] | None:
    """The smallest range with something to say that touches the offset: `(start, end, markdown)`."""
    best: tuple[int, int, str] | None = None
    for kernel in analysis["kernels"]:
        start, end = kernel["span"]
        if not start <= offset <= end:
            continue
        for first, last, text in kernel["hovers"]:
            if first <= offset <= last and (best is None or last - first <= best[1] - best[0]):
                best = (first, last, text)
    return best
