"""Several tensors of one shape, told apart by their addresses, read and written at once: `hl.stacktensor_like`."""

from __future__ import annotations

from typing import Any, NoReturn

import torch

from helion import exc
from helion.diagnostics.catalog.indexing import NotStorable
from helion.diagnostics.catalog.shapes import ShapeMismatch
from helion.diagnostics.catalog.stack_tensors import StackExampleOnDevice, StackPointersOnHost, StackPointersType, StackTensorOnHost
from helion.ops.contexts import EmitContext, TypingContext
from helion.ops.inside_kernel import only_inside_kernel
from helion.ops.operation import Masks, Op
from helion.ops.static_types import Indices, StackTensor
from helion.types.types import BlockSizeType, ConstantType, NumberType, Region, StackTensorType, TensorType, Type, UnknownType

NONE = ConstantType(None)


def stacktensor_like(tensor_like: torch.Tensor, dev_ptrs: torch.Tensor) -> StackTensor:
    """The tensors at the addresses `dev_ptrs`, all with the shape, strides and dtype of the host tensor `tensor_like`.

    `dev_ptrs` is a device value of uint64, loaded from a tensor of addresses (`x.data_ptr()`). `stack[index]`, or `hl.load`, reads
    every tensor at an index of `tensor_like`: the result has the shape of `dev_ptrs`, then that of the index. `stack[index] = value`, or
    `hl.store`, writes. There are no stacks in reference mode.

    Example:
        >>> stack = hl.stacktensor_like(x, pointers[:])
        >>> total = stack[tile].sum(0)
    """
    only_inside_kernel("hl.stacktensor_like")


def infer_stacktensor_like(ctx: TypingContext, tensor_like: Type, dev_ptrs: Type) -> Type:
    if ctx.region is Region.HOST:
        return ctx.report(StackTensorOnHost(ctx.span))
    if isinstance(tensor_like, UnknownType) or isinstance(dev_ptrs, UnknownType):
        return UnknownType("the example or the addresses are not known")
    if not isinstance(tensor_like, TensorType) or tensor_like.region is Region.DEVICE:
        return ctx.report(StackExampleOnDevice(ctx.argument_span("tensor_like"), str(tensor_like)))
    if isinstance(dev_ptrs, TensorType) and dev_ptrs.region is Region.HOST:
        return ctx.report(StackPointersOnHost(ctx.argument_span("dev_ptrs"), str(dev_ptrs)))
    if not isinstance(dev_ptrs, TensorType) or dev_ptrs.dtype not in (torch.uint64, None):
        return ctx.report(StackPointersType(ctx.argument_span("dev_ptrs"), str(dev_ptrs)))
    return StackTensorType(tensor_like, dev_ptrs)


def stack_load(
    tensor: StackTensor, index: Indices, extra_mask: torch.Tensor | None = None, eviction_policy: str | None = None
) -> torch.Tensor:
    """`hl.load` of a stack."""
    only_inside_kernel("hl.load")


def infer_stack_load(ctx: TypingContext, tensor: Type, index: Type, extra_mask: Type = NONE, eviction_policy: Type = NONE) -> Type:
    assert isinstance(tensor, StackTensorType)
    loaded = ctx.loaded_type(tensor.example, index)
    if not isinstance(loaded, TensorType):
        return loaded
    return TensorType((*tensor.pointers.shape, *loaded.shape), loaded.dtype, Region.DEVICE)


def stack_store(tensor: StackTensor, index: Indices, value: torch.Tensor | float, extra_mask: torch.Tensor | None = None) -> None:
    """`hl.store` to a stack."""
    only_inside_kernel("hl.store")


def infer_stack_store(ctx: TypingContext, tensor: Type, index: Type, value: Type, extra_mask: Type = NONE) -> Type:
    place = infer_stack_load(ctx, tensor, index)
    if not isinstance(value, TensorType | NumberType | BlockSizeType | UnknownType):
        return ctx.report(NotStorable(ctx.argument_span("value"), str(value)))
    if isinstance(place, TensorType) and isinstance(value, TensorType) and None not in (place.rank, value.rank):
        joined = ctx.broadcast(place.shape, value.shape)
        if joined is None or len(joined) != len(place.shape):
            return ctx.report(ShapeMismatch(ctx.argument_span("value"), str(place), str(value)))
    return NONE


def emit_stack_load(ctx: EmitContext, tensor: Any, index: Any, extra_mask: Any = None, eviction_policy: str | None = None) -> str:
    example, pointers = tensor
    return ctx.load_stack(example, pointers, index, extra_mask, eviction_policy)


def emit_stack_store(ctx: EmitContext, tensor: Any, index: Any, value: Any, extra_mask: Any = None) -> None:
    example, pointers = tensor
    ctx.store_stack(example, pointers, index, value, extra_mask)


def run_stacktensor_like(*args: Any, **options: Any) -> NoReturn:
    raise exc.BackendImplementationMissing("hl.stacktensor_like has no eager meaning: addresses are read by compiled kernels only")


OPS = (
    Op("hl.stacktensor_like", stacktensor_like, infer=infer_stacktensor_like, run=run_stacktensor_like, takes_host_tensors=True),
    Op(
        "hl.load of a stack",
        stack_load,
        Region.DEVICE,
        stack_form_of="hl.load",
        infer=infer_stack_load,
        masks=Masks(result=0),
        emit=emit_stack_load,
        takes_host_tensors=True,
    ),
    Op(
        "hl.store to a stack",
        stack_store,
        Region.DEVICE,
        stack_form_of="hl.store",
        infer=infer_stack_store,
        emit=emit_stack_store,
        has_effect=True,
        takes_host_tensors=True,
    ),
)
