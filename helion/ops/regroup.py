"""Reshapes as Triton text. A dim is padded to a power of two, so splitting or merging dims may have to move elements between lanes."""

from __future__ import annotations

from typing import Any

import sympy
import torch

from helion.ops.contexts import EmitContext
from helion.ops.dim_groups import DimGroup, dim_groups
from helion.types.dims import Dim, dim
from helion.types.types import TensorType


def emit_reshape(ctx: EmitContext, x: Any, size: Any, **options: Any) -> str:
    source, result = ctx.type_of(x), ctx.result_type
    assert isinstance(source, TensorType) and isinstance(result, TensorType)
    before = [source.dims[i] for i in ctx.physical_dims(source.dims)]
    after = [result.dims[i] for i in ctx.physical_dims(result.dims)]
    if before == after:
        return ctx.text(x)
    groups = dim_groups(source.dims, result.dims)
    if any(_moves_elements(ctx, source.dims, result.dims, group) for group in groups):
        return _gathered(ctx, ctx.text(x), source, result, groups)
    return f"tl.reshape({ctx.text(x)}, {ctx.physical_shape(result.dims)})"


def _moves_elements(ctx: EmitContext, before: tuple[Dim, ...], after: tuple[Dim, ...], group: DimGroup) -> bool:
    """Whether lanes that hold nothing lie between those that hold something, before or after: where an inner dim is padded."""
    inner = (*(before[i] for i in group.before[1:]), *(after[i] for i in group.after[1:]))
    return not group.is_kept and any(ctx.is_padded(size) for size in inner)


def _gathered(ctx: EmitContext, text: str, source: TensorType, result: TensorType, groups: tuple[DimGroup, ...]) -> str:
    """Each lane of the result reads the lane of the source where its element lies."""
    kept = ctx.physical_dims(source.dims)
    lengths = {i: ctx.dim(source.dims[i]) for i in kept}
    terms: list[str] = []
    for group in groups:
        flat = _flat_index(ctx, result.dims, group.after)
        for position in group.before:
            if position not in kept:
                continue
            coordinate = _coordinate(ctx, flat, source.dims, group.before, position)
            stride = " * ".join(lengths[i] for i in kept if i > position)
            terms.append(f"({coordinate}) * ({stride})" if stride else f"({coordinate})")
    lanes = " * ".join(lengths.values())
    place = ctx.temporary("place", f"tl.minimum({' + '.join(terms)}, {lanes} - 1)")
    total = " * ".join(ctx.dim(result.dims[i]) for i in ctx.physical_dims(result.dims))
    is_bool = source.dtype == torch.bool
    values = f"{text}.to(tl.int8)" if is_bool else text
    gathered = f"tl.gather(tl.reshape({values}, [{lanes}]), tl.reshape({place}, [{total}]), 0)"
    shaped = f"tl.reshape({gathered}, {ctx.physical_shape(result.dims)})"
    return f"{shaped}.to(tl.int1)" if is_bool else shaped


def _flat_index(ctx: EmitContext, shape: tuple[Dim, ...], positions: tuple[int, ...]) -> str:
    """Which element of a group each lane of `shape` stands for."""
    terms: list[str] = []
    for position in positions:
        if position not in ctx.physical_dims(shape):
            continue
        lanes = ctx.expanded(f"tl.arange(0, {ctx.dim(shape[position])})", (position,), shape)
        inner = _product(shape, positions, position)
        terms.append(lanes if inner == 1 else f"{lanes} * {ctx.size(inner)}")
    return " + ".join(terms) or "0"


def _coordinate(ctx: EmitContext, flat: str, shape: tuple[Dim, ...], positions: tuple[int, ...], position: int) -> str:
    """The index along one dim of a group of its element `flat`."""
    inner = _product(shape, positions, position)
    text = f"({flat})" if inner == 1 else f"({flat}) // {ctx.size(inner)}"
    return text if position == positions[0] else f"{text} % {ctx.size(shape[position])}"


def _product(shape: tuple[Dim, ...], positions: tuple[int, ...], position: int) -> Dim:
    """How many elements of the group one step along `position` passes."""
    sizes = [shape[i] for i in positions if i > position]
    return sympy.Mul(*sizes) if sizes else dim(1)
