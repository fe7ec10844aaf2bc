"""A value or a shape in, the text of which of its lanes are inside out, or of the value with the others set to something."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import torch
from torch import fx

from helion.codegen.joint_masks import lane_mask, merged_mask
from helion.device_ir.graph_builder import info_of
from helion.types.dims import BlockSymbol, Dim
from helion.types.types import TensorType

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody

NONE_MERGED: Mapping[Dim, tuple[Dim, ...]] = MappingProxyType({})


def masked_value(body: KernelBody, value: Any, other: float | bool, dims: tuple[int, ...], computed: torch.dtype | None) -> str:
    """A value, cast to `computed`, with `other` in the lanes that are outside in some of `dims`, unless they hold that already."""
    text = body.text(value)
    type_ = body.type_of(value)
    if computed is not None and isinstance(type_, TensorType):
        text = body.cast(text, type_.dtype, computed)
    if not isinstance(value, fx.Node):
        return text
    info = info_of(value)
    assert isinstance(info.type, TensorType)
    if info.invalid_lanes == other and info.knows_past(info.type.dims[i] for i in dims):
        return text
    mask = shape_mask(body, info.type.dims, dims, dict(info.merged))
    if mask is None:
        return text
    held = "anything" if info.invalid_lanes is None or info.invalid_lanes == other else str(info.invalid_lanes)
    body.decide("mask", f"lanes outside are set to {other} first: they hold {held}")
    return f"tl.where({mask}, {text}, {body.literal(other)})"


def shape_mask(body: KernelBody, shape: tuple[Dim, ...], only: tuple[int, ...] | None, merged: Mapping[Dim, tuple[Dim, ...]]) -> str | None:
    """The conjunction of the masks of a shape's dims, or of those at `only`, aligned to the shape; None when all lanes are inside. `merged`
    are the dims that were made of others."""
    parts: list[str] = []
    kept = body.physical_dims(shape)
    for i, length in enumerate(shape):
        if only is not None and i not in only:
            continue
        mask = lane_mask(body, shape, i)
        if mask is None and i in kept and (whole := merged_mask(body, length, merged.get(length, ()))) is not None:
            mask = body.expanded(whole, (i,), shape)
        if mask is not None:
            parts.append(mask)
    return " & ".join(parts) if parts else None


def dim_mask(body: KernelBody, dim: Dim) -> str | None:
    """Which lanes of a dim are inside; None for all of them."""
    if isinstance(dim, BlockSymbol):
        for axis in reversed(body.open_axes):
            if axis.symbol == dim:
                return axis.mask
        return None
    if not body.layout.is_padded(dim):
        return None
    body.full_index(dim)
    return body.full_indices[dim].mask
