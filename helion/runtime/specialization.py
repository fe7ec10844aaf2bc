"""Arguments in, the key of the specialization that serves them out: cheap, since it is computed at every call."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Hashable, Sequence
from typing import Any

import torch

_MAX_INT32 = 2**31 - 1


def specialization_key(args: Sequence[Any], *, static_shapes: bool, baked: Sequence[bool]) -> tuple[Hashable, ...]:
    """One component an argument. `baked` says which parameters are `hl.constexpr`. Raises TypeError for kinds of arguments that
    kernels do not take."""
    return tuple(
        _baked_key(value) if is_baked else _key_of(value, static_shapes) for value, is_baked in zip(args, baked, strict=True)
    )


def _baked_key(value: Any) -> Hashable:
    return ("constexpr", getattr(value, "value", value))


def _key_of(value: Any, static_shapes: bool) -> Hashable:
    if isinstance(value, torch.Tensor):
        return _tensor_key(value, static_shapes)
    if value is None or isinstance(value, bool | int | float):
        return type(value)
    if isinstance(value, str | torch.dtype | torch.device):
        return value
    if isinstance(value, types.FunctionType):
        cells = value.__closure__ or ()
        return (value.__code__, tuple(_key_of(cell.cell_contents, static_shapes) for cell in cells))
    if isinstance(value, tuple) and hasattr(value, "value") and hasattr(value, "_fields"):
        return _baked_key(value)
    if isinstance(value, list | tuple):
        return (type(value), tuple(_key_of(item, static_shapes) for item in value))
    if isinstance(value, dict):
        return (dict, tuple((key, _key_of(item, static_shapes)) for key, item in sorted(value.items(), key=lambda p: str(p[0]))))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return (type(value), tuple(_key_of(getattr(value, f.name), static_shapes) for f in dataclasses.fields(value)))
    if isinstance(value, types.BuiltinFunctionType) or callable(value):
        return value
    raise TypeError(f"unsupported argument type: {type(value).__name__}")


def _tensor_key(tensor: torch.Tensor, static_shapes: bool) -> Hashable:
    if static_shapes:
        return (tensor.dtype, tensor.device.type, tensor.shape, tensor.stride())
    ones = tuple(size == 1 for size in tensor.shape)
    contiguous = _contiguous_from(tensor)
    return (tensor.dtype, tensor.device.type, ones, contiguous, tensor.numel() > _MAX_INT32)


def _contiguous_from(tensor: torch.Tensor) -> tuple[bool, ...]:
    """Which strides are the products of the sizes after them: those are written as such in generated code."""
    expected = 1
    found: list[bool] = []
    for size, stride in zip(reversed(tensor.shape), reversed(tensor.stride()), strict=True):
        found.append(stride == expected)
        expected *= size
    return tuple(found)


def device_of(args: Sequence[Any]) -> torch.device | None:
    """The first device or tensor's device among arguments, looked for in lists, tuples and dicts."""
    for value in args:
        if isinstance(value, torch.Tensor):
            return value.device
        if isinstance(value, torch.device):
            return value
        inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()  # pyright: ignore[reportUnknownVariableType]
        found = device_of(inner) if inner else None  # pyright: ignore[reportUnknownArgumentType]
        if found is not None:
            return found
    return None
