"""Floats that lie packed in memory: `hl.float4_e2m1fn_x2_to_float32`, `hl.load_float4_e2m1fn_x16_to_float16` and its bfloat16 twin."""

from __future__ import annotations

from typing import Any

import torch

from helion.diagnostics.catalog.arguments import InvalidArgument
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.float4 import AS_FLOAT16, decoded_float4
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Masks, Op
from helion.types.dims import Dim, dim
from helion.types.types import ConstantType, Region, SequenceType, Star, TensorType, Type, UnknownType

NONE = ConstantType(None)
_GROUP = 16
_FLOAT4 = "hl.load_float4_e2m1fn_x16_to_float16"
_BFLOAT16 = "hl.load_bfloat16_x16_to_float16"


def float4_e2m1fn_x2_to_float32(v: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The two 4-bit floats in each byte of a uint8 or int8 value, as float32: those in the low bits, and those in the high bits.

    A float4_e2m1fn_x2 tensor is one of bytes on the host: `packed.view(torch.uint8)`.

    Example:
        >>> low, high = hl.float4_e2m1fn_x2_to_float32(packed[tile_n, tile_k])
    """
    only_inside_kernel("hl.float4_e2m1fn_x2_to_float32")


def load_float4_e2m1fn_x16_to_float16(
    storage: torch.Tensor, group_offsets: torch.Tensor, extra_mask: torch.Tensor | None = None
) -> torch.Tensor:
    """Load groups of 16 4-bit floats, 8 bytes each, as float16: `[..., 16]` for `group_offsets` `[...]`.

    `storage` is a contiguous uint8 or int8 tensor of the host; an offset counts groups from its first element, whatever its shape. The
    first float of a byte is in its low bits. Groups that `extra_mask` excludes, or that lie beyond a tile, are 0.

    Example:
        >>> values = hl.load_float4_e2m1fn_x16_to_float16(packed, row.index[:, None] * groups + group.index[None, :])
    """
    only_inside_kernel(_FLOAT4)


def load_bfloat16_x16_to_float16(
    storage: torch.Tensor, group_offsets: torch.Tensor, extra_mask: torch.Tensor | None = None
) -> torch.Tensor:
    """Load groups of 16 neighbours of a contiguous bfloat16 tensor of the host as float16: `[..., 16]` for `group_offsets` `[...]`.

    An offset counts groups from the tensor's first element. What float16 does not reach becomes infinite. Groups that `extra_mask`
    excludes, or that lie beyond a tile, are 0.

    Example:
        >>> values = hl.load_bfloat16_x16_to_float16(x, group.index)
    """
    only_inside_kernel(_BFLOAT16)


# -- types ----------------------------------------------------------------------------------------------------------


def infer_float4(ctx: TypingContext, v: Type) -> Type:
    if isinstance(v, UnknownType):
        return v
    if not isinstance(v, TensorType) or v.region is Region.HOST or v.dtype not in (torch.uint8, torch.int8, None):
        why = f"`v` must be bytes on the device, uint8 or int8, not {v}"
        return ctx.report(InvalidArgument(ctx.argument_span("v"), "hl.float4_e2m1fn_x2_to_float32", why))
    return SequenceType((TensorType(v.shape, torch.float32, Region.DEVICE),) * 2)


def _infer_group(ctx: TypingContext, name: str, dtypes: tuple[torch.dtype, ...], storage: Type, offsets: Type, mask: Type) -> Type:
    words = " or ".join(str(dtype).removeprefix("torch.") for dtype in dtypes)
    is_storage = isinstance(storage, TensorType) and storage.region is Region.HOST and storage.dtype in (*dtypes, None)
    if not is_storage and not isinstance(storage, UnknownType):
        return ctx.report(InvalidArgument(ctx.argument_span("storage"), name, f"`storage` must be a {words} tensor, not {storage}"))
    if isinstance(offsets, UnknownType):
        return offsets
    is_integer = isinstance(offsets, TensorType) and (offsets.dtype is None or not offsets.dtype.is_floating_point)
    if not isinstance(offsets, TensorType) or not is_integer or offsets.region is Region.HOST or offsets.dtype == torch.bool:
        why = f"the offsets must be integers on the device, not {offsets}"
        return ctx.report(InvalidArgument(ctx.argument_span("group_offsets"), name, why))
    if isinstance(mask, TensorType) and (mask.dtype not in (torch.bool, None) or ctx.broadcast(offsets.shape, mask.shape) is None):
        why = f"`extra_mask` must be booleans for {offsets}, not {mask}"
        return ctx.report(InvalidArgument(ctx.argument_span("extra_mask"), name, why))
    shape: tuple[Dim | Star, ...] = (*offsets.shape, dim(_GROUP))
    return TensorType(shape, torch.float16, Region.DEVICE)


def infer_float4_group(ctx: TypingContext, storage: Type, group_offsets: Type, extra_mask: Type = NONE) -> Type:
    return _infer_group(ctx, _FLOAT4, (torch.uint8, torch.int8), storage, group_offsets, extra_mask)


def infer_bfloat16_group(ctx: TypingContext, storage: Type, group_offsets: Type, extra_mask: Type = NONE) -> Type:
    return _infer_group(ctx, _BFLOAT16, (torch.bfloat16,), storage, group_offsets, extra_mask)


# -- code -----------------------------------------------------------------------------------------------------------


def _halves(ctx: EmitContext, packed: str) -> tuple[str, str]:
    """Bytes, as text, to the float16 of their low and of their high bits."""
    function = ctx.module_function("float4", ("nibble",), AS_FLOAT16)
    bits = ctx.temporary("bits", f"({packed}).to(tl.uint16) & 255")
    return f"{function}({bits} & 15)", f"{function}({bits} >> 4)"


def emit_float4(ctx: EmitContext, v: Any) -> tuple[str, str]:
    low, high = _halves(ctx, ctx.text(v))
    return ctx.temporary("low", f"{low}.to(tl.float32)"), ctx.temporary("high", f"{high}.to(tl.float32)")


def _loaded(ctx: EmitContext, storage: Any, group_offsets: Any, extra_mask: Any, length: int) -> str:
    """The text of `length` neighbours from each group's first, as a new last dim; 0 where a group is left out."""
    type_, pointer = ctx.type_of(group_offsets), ctx.foreign.argument(storage)
    assert isinstance(type_, TensorType)
    shape = (*type_.dims, dim(length))
    kept = ctx.physical_dims(type_.dims)
    plain, marked = ctx.text(group_offsets), ctx.masked(group_offsets, -1, tuple(range(len(type_.dims))))
    groups = ctx.expanded(ctx.temporary("groups", marked), kept, shape)
    masks = [] if marked == plain else [f"({groups} >= 0)"]
    if extra_mask is not None:
        masks.append(ctx.expanded(ctx.temporary("mask", ctx.aligned(extra_mask, type_.dims)), kept, shape))
    where = f", mask={' & '.join(masks)}, other=0" if masks else ""
    lanes = ctx.expanded(f"tl.arange(0, {length})", (len(type_.dims),), shape)
    return f"tl.load({pointer} + {groups} * {length} + {lanes}{where})"


def emit_float4_group(ctx: EmitContext, storage: Any, group_offsets: Any, extra_mask: Any = None) -> str:
    low, high = _halves(ctx, ctx.temporary("packed", _loaded(ctx, storage, group_offsets, extra_mask, _GROUP // 2)))
    return f"tl.reshape(tl.join({low}, {high}), {ctx.physical_shape(ctx.result_type.dims)})"


def emit_bfloat16_group(ctx: EmitContext, storage: Any, group_offsets: Any, extra_mask: Any = None) -> str:
    return f"{_loaded(ctx, storage, group_offsets, extra_mask, _GROUP)}.to(tl.float32).to(tl.float16)"


# -- reference ------------------------------------------------------------------------------------------------------


def run_float4(v: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return decoded_float4(v)


def _read(storage: torch.Tensor, group_offsets: torch.Tensor, extra_mask: Any, length: int) -> torch.Tensor:
    lanes = torch.arange(length, device=storage.device)
    groups = group_offsets if extra_mask is None else torch.where(extra_mask, group_offsets, 0)
    values = storage.reshape(-1)[groups.long()[..., None] * length + lanes]
    return values if extra_mask is None else torch.where(extra_mask[..., None], values, torch.zeros_like(values))


def run_float4_group(storage: torch.Tensor, group_offsets: torch.Tensor, extra_mask: Any = None) -> torch.Tensor:
    packed = _read(storage, group_offsets, extra_mask, _GROUP // 2)
    return torch.stack(decoded_float4(packed), -1).flatten(-2).to(torch.float16)


def run_bfloat16_group(storage: torch.Tensor, group_offsets: torch.Tensor, extra_mask: Any = None) -> torch.Tensor:
    return _read(storage, group_offsets, extra_mask, _GROUP).to(torch.float16)


OPS = (
    Op(
        "hl.float4_e2m1fn_x2_to_float32",
        float4_e2m1fn_x2_to_float32,
        Region.DEVICE,
        infer=infer_float4,
        emit=emit_float4,
        run=run_float4,
        keeps_position=True,
    ),
    Op(
        _FLOAT4,
        load_float4_e2m1fn_x16_to_float16,
        Region.DEVICE,
        infer=infer_float4_group,
        masks=Masks(result=0),
        emit=emit_float4_group,
        run=run_float4_group,
        takes_host_tensors=True,
    ),
    Op(
        _BFLOAT16,
        load_bfloat16_x16_to_float16,
        Region.DEVICE,
        infer=infer_bfloat16_group,
        masks=Masks(result=0),
        emit=emit_bfloat16_group,
        run=run_bfloat16_group,
        takes_host_tensors=True,
    ),
)
