"""Argument types in, arguments out: random tensors of those sizes on a device, the same for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from helion.autotune.subject import CannotSetUpError
from helion.types.dims import constant
from helion.types.types import ConstantType, NumberType, SequenceType, TensorType, Type

_INDEX_LIMIT = 2


class CannotMakeInputError(CannotSetUpError):
    """An argument cannot be made from its type alone; the message says which and why."""


def make_inputs(types: Sequence[Type], names: Sequence[str], seed: int, device: str) -> tuple[Any, ...]:
    """One argument a type. Integers are drawn from {0, 1}: they may be indices, and most tensors have two rows.

    Raises CannotMakeInputError.
    """
    generator = torch.Generator(device).manual_seed(seed)
    return tuple(_make(type_, name, generator, device) for type_, name in zip(types, names, strict=True))


def _make(type_: Type, name: str, generator: torch.Generator, device: str) -> Any:
    match type_:
        case TensorType():
            return _tensor(type_, name, generator, device)
        case NumberType(value=value, kind=kind) if value is not None:
            return kind(value)
        case ConstantType(value=value):
            return value
        case SequenceType(items=items, kind=kind):
            return kind(_make(item, f"{name}[{index}]", generator, device) for index, item in enumerate(items))
        case _:
            msg = f"`{name}` is {type_}, which cannot be made up: give an `inputs=` generator"
            raise CannotMakeInputError(msg)


def _tensor(type_: TensorType, name: str, generator: torch.Generator, device: str) -> torch.Tensor:
    if type_.dtype is None or type_.rank is None or any(constant(size) is None for size in type_.dims):
        msg = f"`{name}` is {type_}: measuring needs its dtype and every size"
        raise CannotMakeInputError(msg)
    shape = [int(size) for size in type_.dims]
    dtype = type_.dtype
    if dtype.is_floating_point:
        made = torch.randn(shape, generator=generator, device=device, dtype=torch.float32).to(dtype)
    elif dtype.is_complex:
        made = torch.randn(shape, generator=generator, device=device, dtype=dtype)
    else:
        made = torch.randint(0, _INDEX_LIMIT, shape, generator=generator, device=device, dtype=torch.int64).to(dtype)
    return _with_strides(made, type_)


def _with_strides(made: torch.Tensor, type_: TensorType) -> torch.Tensor:
    if type_.stride is None or any(constant(stride) is None for stride in type_.stride):
        return made
    stride = tuple(int(s) for s in type_.stride)
    if stride == made.stride():
        return made
    laid_out = torch.empty_strided(made.shape, stride, dtype=made.dtype, device=made.device)
    return laid_out.copy_(made)
