"""A signature with every size given in, that of a call whose sizes are arguments (`static_shapes=False`) out."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from helion.signatures.signature import KernelSignature
from helion.types.alignment import row_multiple
from helion.types.dims import Dim, constant, dim, size_symbol
from helion.types.types import DimOrigin, SequenceType, TensorType, Type


def with_dynamic_sizes(signature: KernelSignature) -> KernelSignature:
    """Sizes of tensors become named sizes with the given ones as hints; a size of 1 stays, as it does in a call."""
    origins, hints = dict(signature.dim_origins), dict(signature.hints)
    parameters = {
        name: replace(parameter, type=_dynamic(parameter.type, name, origins, hints)) for name, parameter in signature.parameters.items()
    }
    return replace(signature, parameters=parameters, dim_origins=origins, hints=hints)


def _dynamic(type_: Type, path: str, origins: dict[Any, DimOrigin], hints: dict[Any, int]) -> Type:
    match type_:
        case TensorType(rank=rank) if rank is not None:
            return _tensor(type_, path, origins, hints)
        case SequenceType(items=items):
            return replace(type_, items=tuple(_dynamic(item, type_.path(path, i), origins, hints) for i, item in enumerate(items)))
        case _:
            return type_


def _tensor(type_: TensorType, path: str, origins: dict[Any, DimOrigin], hints: dict[Any, int]) -> TensorType:
    """Strides are those of a contiguous tensor unless the type says others."""
    shape: list[Dim] = []
    for position, size in enumerate(type_.dims):
        value = constant(size)
        if value is None or value == 1:
            shape.append(size)
            continue
        expression = f"{path}.size({position})"
        symbol = size_symbol("_".join(re.findall(r"\w+", expression)))
        origins[symbol] = DimOrigin(f"size {position} of argument `{path}`", None, expression, _multiple(type_, position, value))
        hints[symbol] = value
        shape.append(symbol)
    strides: list[Dim] = []
    running: Dim = dim(1)
    for size in reversed(shape):
        strides.append(running)
        running = running * size
    return replace(type_, shape=tuple(shape), stride=tuple(reversed(strides)) if type_.stride is None else type_.stride)


def _multiple(type_: TensorType, position: int, size: int) -> int:
    """As a call of a contiguous tensor finds it; of other strides nothing is said."""
    wanted = 1 if type_.dtype is None or type_.stride is not None else row_multiple(type_.dtype)
    return wanted if position == len(type_.dims) - 1 and size % wanted == 0 else 1
