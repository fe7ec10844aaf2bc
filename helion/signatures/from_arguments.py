"""The arguments of a call in, the signature of the JIT out: exact types, or named sizes when shapes are dynamic."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Any

import torch

from helion.ops.tunables import constexpr
from helion.signatures.from_values import structure_of, type_of_value
from helion.signatures.signature import KernelSignature, ParameterType
from helion.types.alignment import has_aligned_rows, is_aligned, row_multiple
from helion.types.dims import Dim, constant, dim, size_symbol, substitute
from helion.types.static_marks import static_dims
from helion.types.types import DimOrigin, NumberType, Region, TensorType, Type

_MAX_INT32 = 2**31 - 1


def signature_from_arguments(
    signature: inspect.Signature, args: Sequence[Any], *, static_shapes: bool, index_dtype: torch.dtype | None = None
) -> KernelSignature:
    """Types of the parameters for these arguments (positional, one a parameter)."""
    builder = _Builder(static_shapes)
    parameters: dict[str, ParameterType] = {}
    for parameter, value in zip(signature.parameters.values(), args, strict=True):
        annotation = parameter.annotation
        baked = "constexpr" in (annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")).lower()
        parameters[parameter.name] = ParameterType(builder.type_of(value, parameter.name, baked=baked), "argument")
    bits = 64 if index_dtype == torch.int64 or (index_dtype is None and any(_is_huge(a) for a in args)) else 32
    return KernelSignature(parameters, builder.origins, builder.hints, bits)


def _is_huge(value: Any) -> bool:
    if isinstance(value, torch.Tensor):
        extent = sum((size - 1) * stride for size, stride in zip(value.shape, value.stride(), strict=True) if size)
        return max(extent, value.numel()) > _MAX_INT32
    inner = structure_of(value)
    return inner is not None and any(_is_huge(v) for v in inner.values)


class _Builder:
    """Collects named sizes with their origins and hints."""

    def __init__(self, static_shapes: bool) -> None:
        self.static_shapes = static_shapes
        self.origins: dict[Any, DimOrigin] = {}
        self.hints: dict[Any, int] = {}

    def type_of(self, value: Any, path: str, *, baked: bool) -> Type:
        match value:
            case torch.Tensor() if not self.static_shapes:
                return self._dynamic(value, path)
            case bool() | int() | float() if not baked:
                return self._number(value, path)
            case constexpr():
                return type_of_value(value, path)
            case _ if (inner := structure_of(value)) is not None:
                return inner.type_of(path, lambda item, place: self.type_of(item, place, baked=baked))
            case _:
                return type_of_value(value, path)

    def _number(self, value: float, path: str) -> Type:
        if isinstance(value, (bool, float)):
            return NumberType(type(value))
        symbol = size_symbol(path)
        self.origins[symbol] = DimOrigin(f"argument `{path}`", None, path)
        self.hints[symbol] = value
        return NumberType(int, symbol)

    def _dynamic(self, value: torch.Tensor, path: str) -> TensorType:
        marked = static_dims(value)
        multiple = row_multiple(value.dtype) if has_aligned_rows(value) else 1
        neighbours = [multiple if stride == 1 else 1 for stride in value.stride()]
        shape = tuple(
            dim(size) if i in marked else self._size(size, f"{path}.size({i})", f"size {i} of argument `{path}`", neighbours[i])
            for i, size in enumerate(value.shape)
        )
        running: Dim = dim(1)
        strides: list[Dim] = []
        for i in reversed(range(value.dim())):
            expected = constant(substitute(running, {s: dim(h) for s, h in self.hints.items()}))
            if value.stride(i) == expected:
                strides.append(running)
            else:
                strides.append(self._size(value.stride(i), f"{path}.stride({i})", f"stride {i} of argument `{path}`", multiple))
            running = running * shape[i]
        return TensorType(shape, value.dtype, Region.HOST, tuple(reversed(strides)), is_aligned(value))

    def _size(self, size: int, expression: str, words: str, multiple: int) -> Dim:
        if size == 1:
            return dim(1)
        symbol = size_symbol("_".join(re.findall(r"\w+", expression)))
        self.origins[symbol] = DimOrigin(words, None, expression, multiple)
        self.hints[symbol] = size
        return symbol
