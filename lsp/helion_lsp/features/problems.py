"""An analysis in, its diagnostics and the fixes at a range out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def problems(analysis: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every diagnostic of the document, in order."""
    found = [*analysis["diagnostics"], *(d for kernel in analysis["kernels"] for d in kernel["diagnostics"])]
    return sorted(found, key=lambda d: d["span"])


def fixes_at(analysis: Mapping[str, Any], start: int, end: int) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each diagnostic that touches a range with each of its fixes."""
    for diagnostic in problems(analysis):
        first, last = diagnostic["span"]
        if first <= end and start <= last:
            for fix in diagnostic["fixes"]:
                yield diagnostic, fix


def kernel_at(analysis: Mapping[str, Any], offset: int) -> Mapping[str, Any] | None:
    """The kernel whose text, decorator included, holds the offset."""
    for kernel in analysis["kernels"]:
        first = kernel["decorator"][0] if kernel["decorator"] else kernel["span"][0]
        if first <= offset <= kernel["span"][1]:
            return kernel
    return None
