"""The mask of a dim that a reshape merged out of several, of which some are tiles that may reach past their loop's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy

from helion.types.dims import Dim, dim

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody


def merged_mask(body: KernelBody, size: Dim, parts: tuple[Dim, ...]) -> str | None:
    """A condition on each lane of the merged dim; None when all of them are inside."""
    conditions: list[str] = []
    for position, part in enumerate(parts):
        axis = next((a for a in reversed(body.open_axes) if a.symbol is not None and a.symbol == part), None)
        if axis is None or axis.mask is None:
            continue
        coordinate = _coordinate(body, size, parts, position)
        conditions.append(f"({axis.offset} + {coordinate} < {axis.end})")
    padding = body.dim_mask(size)
    return " & ".join([*conditions, *([padding] if padding is not None else [])]) or None


def _coordinate(body: KernelBody, size: Dim, parts: tuple[Dim, ...], position: int) -> str:
    lanes = body.full_index(size)
    inner: Dim = sympy.Mul(*parts[position + 1 :]) if parts[position + 1 :] else dim(1)
    text = lanes if inner == 1 else f"{lanes} // {body.size(inner)}"
    return text if position == 0 else f"({text}) % {body.size(parts[position])}"
