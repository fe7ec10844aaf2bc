"""Arguments in, the key of the specialization that serves them out: cheap, since it is computed at every call."""

from __future__ import annotations

import dataclasses
import enum
import types
from collections.abc import Hashable, Sequence
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor

from helion import exc
from helion.diagnostics.catalog.runtime import InvalidArguments
from helion.ops.tunables import constexpr
from helion.runtime.captured_values import captured_values
from helion.source import Span
from helion.types.alignment import ALIGNMENT, has_aligned_rows, is_aligned, row_multiple
from helion.types.static_marks import static_dims
from helion.types.untyped import is_dict, is_sequence

MAX_INT32 = 2**31 - 1
_BAKED_IN = (str, enum.Enum, torch.dtype, torch.device, types.BuiltinFunctionType)


def specialization_key(args: Sequence[Any], *, static_shapes: bool, baked: Sequence[bool]) -> tuple[Hashable, ...]:
    """One component an argument. `baked` says which parameters are `hl.constexpr`. Raises `exc.InvalidArguments`, a TypeError,
    for kinds of arguments that kernels do not take."""
    try:
        if static_shapes:
            return tuple([_static_key(value) if not is_baked else _baked_key(value) for value, is_baked in zip(args, baked, strict=True)])
        return tuple([_baked_key(value) if is_baked else key_of(value, static_shapes) for value, is_baked in zip(args, baked, strict=True)])
    except RecursionError:
        raise _refused("unsupported argument: it contains itself, or is nested too deeply") from None


def _static_key(value: Any) -> Hashable:
    """One argument's component where sizes are part of it. It is computed at every call: a plain tensor takes the short way."""
    if value.__class__ is torch.Tensor:
        try:
            return (value.dtype, value.device, value.shape, value.stride(), value.data_ptr() % ALIGNMENT == 0)
        except RuntimeError:  # without strides, or without memory
            return _tensor_key(value, static_shapes=True)
    return key_of(value, static_shapes=True)


def key_of(value: Any, static_shapes: bool) -> Hashable:
    """One argument's component."""
    if isinstance(value, torch.Tensor):
        return _tensor_key(value, static_shapes)
    if value is None or isinstance(value, bool | int | float):
        return type(value)
    if isinstance(value, _BAKED_IN):
        return value
    if isinstance(value, constexpr):
        return _baked_key(value)
    if isinstance(value, types.FunctionType):
        return (value.__code__, *(_captured_key(captured) for captured in captured_values(value)))
    if is_sequence(value):
        return (type(value), *(key_of(item, static_shapes) for item in value))
    if is_dict(value):
        return (dict, *((key, key_of(item, static_shapes)) for key, item in sorted(value.items(), key=lambda pair: str(pair[0]))))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return (type(value), *(key_of(getattr(value, field.name), static_shapes) for field in dataclasses.fields(value)))
    if isinstance(value, torch.fx.GraphModule):
        return _graph_key(value)
    if callable(value):
        return value
    raise _refused(f"unsupported argument type: {type(value).__name__}")


def _refused(problem: str) -> exc.CompileError:
    return exc.compile_error([InvalidArguments(Span(0, 0), problem)])


def _graph_key(module: torch.fx.GraphModule) -> Hashable:
    """A graph by what it computes. Raises `exc.GraphModuleUnsupportedOps` for one with parameters or modules of its own."""
    impure = sorted({f"{node.op} {node.target}" for node in module.graph.nodes if node.op in ("call_module", "get_attr")})
    if impure:
        words = f"a graph that a kernel calls has inputs and functions only, not {', '.join(impure)}: pass its tensors as arguments"
        raise exc.GraphModuleUnsupportedOps(words)
    return (torch.fx.GraphModule, module.code)


def captured_key(function: types.FunctionType) -> tuple[Hashable, ...]:
    """What generated code bakes in of the values a function reads from outside: scalars whole, tensors by their layout."""
    return tuple(_captured_key(value) for value in captured_values(function))


def _captured_key(value: object) -> Hashable:
    if isinstance(value, torch.Tensor):
        return _tensor_key(value, static_shapes=True)
    return (type(value), value)


def _baked_key(value: object) -> Hashable:
    inner: object = value.value if isinstance(value, constexpr) else value
    if isinstance(inner, torch.Tensor):
        words = f"a tensor cannot be an hl.constexpr, whose value is baked into the code: {list(inner.shape)} of {inner.dtype} was given"
        raise exc.TensorAsConstexpr(f"{words}; take the annotation away, or pass `.item()`")
    if is_sequence(inner):
        return ("constexpr", type(inner), *map(_baked_key, inner))
    if is_dict(inner):
        return ("constexpr", dict, *((key, _baked_key(item)) for key, item in inner.items()))
    return ("constexpr", type(inner), inner)


def _tensor_key(tensor: torch.Tensor, static_shapes: bool) -> Hashable:
    marked = () if static_shapes else static_dims(tensor)
    key = _layout_key(tensor, static_shapes)
    return (key, *((i, tensor.shape[i]) for i in marked)) if marked else key


def _layout_key(tensor: torch.Tensor, static_shapes: bool) -> Hashable:
    if not static_shapes and tensor.__class__ is torch.Tensor and _is_plain(tensor):
        # Of neighbours, whose number other strides are products of.
        last = tensor.shape[-1:].numel() % row_multiple(tensor.dtype) == 0
        return (tensor.dtype, tensor.device, tensor.dim(), tensor.numel() > MAX_INT32, is_aligned(tensor), last)
    if isinstance(tensor, FakeTensor):
        return ("fake", tensor.dtype, tensor.device, tuple(map(int, tensor.shape)), tuple(map(int, tensor.stride())))
    if tensor.is_nested or tensor.layout is not torch.strided:
        return ("unreadable", tensor.layout, tensor.is_nested)
    if static_shapes:
        return (tensor.dtype, tensor.device, tensor.shape, tensor.stride(), is_aligned(tensor))
    expected, extent, pattern = 1, 0, 0
    for size, stride in zip(reversed(tensor.shape), reversed(tensor.stride()), strict=True):
        # Generated code drops sizes and strides of 1, makes no descriptor of nothing, and writes products of later sizes as such.
        pattern = pattern * 9 + 3 * min(size, 2) + (2 if stride == expected else stride == 1)
        extent += (size - 1) * stride
        expected *= size
    is_huge = max(extent, expected) > MAX_INT32
    return (tensor.dtype, tensor.device, tensor.dim(), pattern, is_huge, is_aligned(tensor), has_aligned_rows(tensor))


def _is_plain(tensor: torch.Tensor) -> bool:
    """Whether all sizes are at least 2 and all strides products of later sizes: what most tensors are, told without a look at each."""
    shape = tensor.shape
    return tensor.layout is torch.strided and not tensor.is_nested and tensor.is_contiguous() and 0 not in shape and 1 not in shape
