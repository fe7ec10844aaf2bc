"""One subscript of a host tensor, resolved: for each dimension its index text and which result dims it spans; knows no load strategy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import sympy
from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.types.dims import Dim, constant, dim
from helion.types.types import Axis, TensorType


class IndexText(Protocol):
    """What resolving needs of the body being written."""

    def text(self, value: Any) -> str: ...

    def axis(self, axis: Axis) -> Any: ...

    def full_index(self, dim: Dim) -> str: ...

    def full_start(self, dim: Dim) -> str: ...

    def size(self, dim: Dim) -> str: ...

    def stride(self, expression: str, type_: TensorType, position: int) -> str: ...


@dataclass(frozen=True)
class AccessDim:
    """One dimension of the tensor. `result` are the positions of the result's dims it gives (none for a scalar index).

    `start` is the first index as scalar text when the indices are consecutive, else None; `axis` is the tile's axis if it is one;
    `is_whole` is a plain `:`.
    """

    index: str
    stride: str
    result: tuple[int, ...]
    start: str | None
    axis: Axis | None
    size: Dim
    is_whole: bool = False


@dataclass(frozen=True)
class Access:
    """A whole subscript of the host tensor `expression`: `shape` is the logical result shape."""

    expression: str
    type: TensorType
    dims: tuple[AccessDim, ...]
    shape: tuple[Dim, ...]


def resolve_access(body: IndexText, expression: str, type_: TensorType, index: Any, shape: tuple[Dim, ...]) -> Access:
    """Match index elements with the tensor's dimensions; omitted trailing dimensions and `...` are `:`."""
    dims: list[AccessDim] = []
    position = 0
    result = 0
    for element in _filled(index, len(type_.dims)):
        if element is None:
            result += 1
            continue
        size = type_.dims[position]
        stride = body.stride(expression, type_, position)
        text, start, axis, spans = _element(body, element, size)
        dims.append(AccessDim(text, stride, tuple(range(result, result + spans)), start, axis, size, element == slice(None)))
        result += spans
        position += 1
    return Access(expression, type_, tuple(dims), shape)


def indexed_shape(type_: TensorType, index: Any) -> tuple[Dim, ...]:
    """The logical shape that an index selects from a tensor."""
    shape: list[Dim] = []
    position = 0
    for element in _filled(index, len(type_.dims)):
        if element is None:
            shape.append(dim(1))
            continue
        shape.extend(_element_dims(element, type_.dims[position]))
        position += 1
    return tuple(shape)


def _element_dims(element: Any, size: Dim) -> tuple[Dim, ...]:
    if isinstance(element, Axis):
        return () if element.block is None else (element.block.symbol,)
    if isinstance(element, slice):
        return (_length(*_slice_bounds(element, size)),)
    if isinstance(element, fx.Node) and isinstance(found := info_of(element).type, TensorType):
        return found.dims
    return ()


def _slice_bounds(element: slice, size: Dim) -> tuple[Any, Any, Any]:
    def bound(value: Any, default: Dim) -> Any:
        if value is None:
            return default
        return size + value if isinstance(value, int) and value < 0 else value

    return bound(element.start, dim(0)), bound(element.stop, size), bound(element.step, dim(1))


def _filled(index: Any, rank: int) -> list[Any]:
    flat: list[Any] = []
    for element in index if isinstance(index, tuple | list) else (index,):
        flat.extend(element if isinstance(element, tuple | list) else (element,))
    consuming = sum(element is not None and element is not Ellipsis for element in flat)
    missing = [slice(None)] * (rank - consuming)
    if Ellipsis in flat:
        at = flat.index(Ellipsis)
        return [*flat[:at], *missing, *flat[at + 1 :]]
    return [*flat, *missing]


def _element(body: IndexText, element: Any, size: Dim) -> tuple[str, str | None, Axis | None, int]:
    """Index text, start text, axis, and how many result dims an element spans."""
    if isinstance(element, Axis):
        names = body.axis(element)
        if constant(size) == 1:
            return f"({names.index}) * 0", None, None, 1
        return names.index, names.offset, element, 1
    if isinstance(element, slice):
        if element.start is None and element.stop is None and element.step is None:
            return body.full_index(size), body.full_start(size), None, 1
        return _slice(body, element, size)
    if isinstance(element, fx.Node) and isinstance(type_ := info_of(element).type, TensorType):
        return body.text(element), None, None, len(type_.dims)
    if isinstance(element, int) and element < 0:
        return body.size(size + element), body.size(size + element), None, 0
    text = body.text(element)
    return text, text, None, 0


def _slice(body: IndexText, element: slice, size: Dim) -> tuple[str, str | None, Axis | None, int]:
    start, stop, step = _slice_bounds(element, size)
    length = _length(start, stop, step)
    lanes = body.full_index(length)
    scaled = lanes if step in (1, sympy.Integer(1)) else f"({lanes}) * {body.text(step)}"
    first = body.text(start)
    if first == "0":
        return scaled, "0" if scaled == lanes else None, None, 1
    return f"{first} + {scaled}", first if scaled == lanes else None, None, 1


def _length(start: Any, stop: Any, step: Any) -> Dim:
    begin, end, stride = (dim(v) for v in (start, stop, step))
    length = end - begin
    return length if stride == 1 else -((-length) // stride)
