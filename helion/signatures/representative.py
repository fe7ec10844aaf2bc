"""An inferred signature in, one that can be lowered out: what the text leaves open gets a usual value, and is listed in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from helion.signatures.signature import KernelSignature, ParameterType
from helion.types.dims import Dim, SizeSymbol, dim
from helion.types.types import Region, SequenceType, Star, TensorType, Type

USUAL_DTYPE = torch.bfloat16
_USUAL_SIZE = 4096
_USUAL_ROW = 128


def representative(signature: KernelSignature) -> tuple[KernelSignature, tuple[str, ...]]:
    """bf16 for an unknown dtype, [4096, 128] for an unknown rank, 4096 as the hint of a named size; and what was taken, for the reader."""
    taken: list[str] = []
    hints: dict[Any, int] = dict(signature.hints)
    parameters: dict[str, ParameterType] = {}
    for name, parameter in signature.parameters.items():
        parameters[name] = replace(parameter, type=_usual(name, parameter.type, taken, hints))
    return replace(signature, parameters=parameters, hints=hints), tuple(taken)


def has_known_ranks(signature: KernelSignature) -> bool:
    """Whether the text says how many dimensions every tensor has."""
    return not unknown_ranks(signature)


def unknown_ranks(signature: KernelSignature) -> list[str]:
    """The parameters with a tensor whose number of dimensions the text does not say."""
    return [name for name, parameter in signature.parameters.items() if not _has_known_rank(parameter.type)]


def _has_known_rank(type_: Type) -> bool:
    match type_:
        case TensorType(rank=rank):
            return rank is not None
        case SequenceType(items=items):
            return all(map(_has_known_rank, items))
        case _:
            return True


def _usual(name: str, type_: Type, taken: list[str], hints: dict[Any, int]) -> Type:
    match type_:
        case TensorType():
            return _tensor(name, type_, taken, hints)
        case SequenceType(items=items):
            return replace(type_, items=tuple(_usual(type_.path(name, i), item, taken, hints) for i, item in enumerate(items)))
        case _:
            return type_


def _tensor(name: str, type_: TensorType, taken: list[str], hints: dict[Any, int]) -> Type:
    if type_.dtype is None:
        taken.append(f"{name} is bf16")
    shape: list[Dim | Star] = []
    for size in type_.shape:
        if isinstance(size, Star):
            taken.append(f"{name} is [{_USUAL_SIZE}, {_USUAL_ROW}]")
            shape.extend((dim(_USUAL_SIZE), dim(_USUAL_ROW)))
            continue
        for symbol in size.free_symbols:
            if isinstance(symbol, SizeSymbol):
                hints.setdefault(symbol, _USUAL_SIZE)
        shape.append(size)
    stride: list[Dim] = []
    running: Dim = dim(1)
    for size in reversed(shape):
        stride.append(running)
        assert isinstance(size, Dim)
        running = running * size
    return TensorType(tuple(shape), type_.dtype or USUAL_DTYPE, Region.HOST, tuple(reversed(stride)))
