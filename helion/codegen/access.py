"""One subscript of a host tensor, resolved: for each dimension its index text and which result dims it spans; knows no load strategy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Protocol

import torch
from torch import fx

from helion.codegen.axes import AxisText
from helion.codegen.layout import Layout
from helion.codegen.signs import may_be_negative
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.device_ir.structure import IndexRun, index_elements
from helion.ops.index_places import Form, KnownSlice, filled, known_slice, place
from helion.ops.tiles import tile_index
from helion.types import operators as operator
from helion.types.dims import BlockSymbol, Dim, constant, dim
from helion.types.types import Axis, NumberType, TensorType
from helion.types.untyped import is_slice

# How a number moves a vector of indices.
_SIGNS: Mapping[Any, str] = {torch.ops.aten.add.Tensor: "+", torch.ops.aten.sub.Tensor: "-"}


class IndexText(Protocol):
    """What resolving needs of the body being written."""

    @property
    def layout(self) -> Layout: ...

    @property
    def open_axes(self) -> list[AxisText]: ...

    @property
    def index_dtype(self) -> str: ...

    @property
    def ir(self) -> DeviceIR: ...

    @property
    def captured(self) -> Mapping[fx.Node, Any]: ...

    def text(self, value: Any) -> str: ...

    def axis(self, axis: Axis) -> AxisText: ...

    def dim_mask(self, dim: Dim) -> str | None: ...

    def full_index(self, dim: Dim) -> str: ...

    def full_start(self, dim: Dim) -> str: ...

    def size(self, dim: Dim) -> str: ...

    def stride(self, expression: str, type_: TensorType, position: int) -> str: ...


class Edge(Enum):
    """Which lanes of a dimension are left out: none, exactly those past the tensor's end, or others."""

    NONE = "none"
    TENSOR = "tensor"
    OTHER = "other"


@dataclass(frozen=True)
class AccessDim:
    """One dimension of the tensor. `result` are the positions of the result's dims that its index moves along (none for a scalar).

    `start` is the first index as scalar text when the indices are consecutive, else None; `bound` is a condition on the index that is
    no mask of the result's dims. `origin` is what `start` is a multiple of the lanes from, where that is known. `limit` is the index that
    the lanes end before, as scalar text, where that is known and not the tensor's size.
    """

    index: str
    stride: str
    result: tuple[int, ...]
    start: str | None
    size: Dim
    edge: Edge = Edge.OTHER
    bound: str | None = None
    origin: Dim | None = None
    limit: str | None = None


@dataclass(frozen=True)
class PointerBase:
    """Pointers that an access moves along, at the physical dims `result` of its shape, in place of the tensor's own."""

    text: str
    result: tuple[int, ...]


@dataclass(frozen=True)
class Access:
    """A whole subscript of the host tensor `expression`: `shape` is the logical result shape; `base` replaces the tensor's own pointer."""

    expression: str
    type: TensorType
    dims: tuple[AccessDim, ...]
    shape: tuple[Dim, ...]
    base: PointerBase | None = None


@dataclass(frozen=True)
class _Lanes:
    """The indices of one element before it has a place: see `AccessDim`."""

    index: str
    start: str | None
    edge: Edge
    bound: str | None = None
    origin: Dim | None = None
    limit: str | None = None


def resolve_access(body: IndexText, expression: str, type_: TensorType, index: Any, shape: tuple[Dim, ...]) -> Access:
    """Match index elements with the tensor's dimensions."""
    elements = _filled(index, len(type_.dims))
    own = _own_dims(elements, type_)
    dims: list[AccessDim] = []
    position = 0
    for element, element_dims, places in zip(elements, own, _places(elements, own), strict=True):
        if element is None:
            continue
        size = type_.dims[position]
        lanes = _lanes(body, element, size)
        result = tuple(places[i] for i in body.layout.physical(element_dims))
        stride = body.stride(expression, type_, position)
        dims.append(AccessDim(lanes.index, stride, result, lanes.start, size, lanes.edge, lanes.bound, lanes.origin, lanes.limit))
        position += 1
    return Access(expression, type_, tuple(dims), shape)


def indexed_shape(type_: TensorType, index: Any) -> tuple[Dim, ...]:
    """The logical shape that an index selects from a tensor."""
    elements = _filled(index, len(type_.dims))
    own = _own_dims(elements, type_)
    places = _places(elements, own)
    shape: list[Dim] = [dim(1)] * (1 + max((p for positions in places for p in positions), default=-1))
    for dims, positions in zip(own, places, strict=True):
        for size, at in zip(dims, positions, strict=True):
            shape[at] = size if shape[at] == 1 else shape[at]
    return tuple(shape)


def _filled(index: Any, rank: int) -> list[Any]:
    return filled(index_elements(index), rank, slice(None), lambda e: e is None, lambda e: e is Ellipsis)


def _own_dims(elements: list[Any], type_: TensorType) -> list[tuple[Dim, ...]]:
    """The dims that each element gives by itself."""
    sizes = iter(type_.dims)
    return [(dim(1),) if element is None else _element_dims(element, next(sizes)) for element in elements]


def _places(elements: list[Any], own: list[tuple[Dim, ...]]) -> tuple[tuple[int, ...], ...]:
    return place([Form(len(dims), _is_tensor(element)) for element, dims in zip(elements, own, strict=True)])


def _is_tensor(element: Any) -> bool:
    return isinstance(element, fx.Node) and isinstance(info_of(element).type, TensorType)


def _element_dims(element: Any, size: Dim) -> tuple[Dim, ...]:
    match element:
        case Axis(block=block):
            return () if block is None else (block.symbol,)
        case IndexRun(length=length):
            return (length,)
        case _ if is_slice(element):
            return (_known(element, size).length,)
        case fx.Node() if isinstance(found := info_of(element).type, TensorType):
            return found.dims
        case _:
            return ()


def _known(element: slice[Any, Any, Any], size: Dim) -> KnownSlice:
    lower, upper = (None if part is None else dim(part) for part in (element.start, element.stop))
    return known_slice(lower, upper, 1 if element.step is None else int(element.step), size)


def _lanes(body: IndexText, element: Any, size: Dim) -> _Lanes:
    match element:
        case Axis():
            return _tile(body, element, size)
        case slice(start=None, stop=None, step=None):
            edge = Edge.TENSOR if body.layout.is_padded(size) else Edge.NONE
            return _Lanes(body.full_index(size), body.full_start(size), edge, origin=dim(0))
        case _ if is_slice(element):
            return _slice(body, element, size)
        case IndexRun():
            return _run(body, element, size)
        case fx.Node() if isinstance(found := info_of(element).type, TensorType) and found.dims:
            return _moved_tile(body, element) or _Lanes(_narrowed(body, body.text(element), found), None, Edge.OTHER)
        case int() if element < 0:
            return _scalar(body.size(size + element))
        case _:
            return _scalar(_counted(body, element, size), element)


def _counted(body: IndexText, element: Any, size: Dim) -> str:
    """One index; a number that is negative counts from the end, as in Python. What memory holds is an index as it is."""
    text = body.text(element)
    is_number = isinstance(info_of(element).type, NumberType) if isinstance(element, fx.Node) else isinstance(element, Dim)
    if not is_number or not may_be_negative(element, body.ir.kernel.dim_origins, body.captured):
        return text
    return f"tl.where({text} < 0, {text} + {body.size(size)}, {text})"


def _narrowed(body: IndexText, text: str, type_: TensorType) -> str:
    """Indices over several dims in the width that reaches every element: the compiler then narrows what they are computed from, which
    takes a softmax over jagged rows from 105 registers to 79. An index of one dim is not worth the cast."""
    is_wide = type_.dtype == torch.int64 and body.index_dtype == "tl.int32" and len(body.layout.physical(type_.dims)) > 1
    return f"tl.cast({text}, tl.int32)" if is_wide else text


def _scalar(text: str, element: Any = None) -> _Lanes:
    return _Lanes(text, _start(text, element), Edge.NONE)


def _start(text: str, element: Any) -> str:
    """A first index as the strategies that move rectangles take it, in 32 bits; they are not used where it would not fit."""
    type_ = info_of(element).type if isinstance(element, fx.Node) else None
    is_wide = isinstance(type_, TensorType) and type_.dtype != torch.int32
    return f"({text}).to(tl.int32)" if is_wide else text


def _tile(body: IndexText, axis: Axis, size: Dim) -> _Lanes:
    """A tile; on a dimension of size 1 all of its lanes are the one element."""
    names = body.axis(axis)
    if names.is_flat:
        return _Lanes(names.index, None, Edge.OTHER)
    if constant(size) == 1:
        is_one = axis.block is None or body.layout.is_one(axis.block.symbol)
        return _Lanes("0", "0" if is_one else None, Edge.NONE if is_one else Edge.OTHER)
    if names.lane_ends is not None:
        return _Lanes(names.index, names.offset, Edge.OTHER)
    edge = Edge.NONE if names.mask is None else Edge.TENSOR if axis.end is not None and axis.end == size else Edge.OTHER
    return _Lanes(names.index, names.offset, edge, origin=axis.begin, limit=names.end if edge is Edge.OTHER else None)


def _moved_tile(body: IndexText, indices: fx.Node) -> _Lanes | None:
    """The indices of a tile, all moved by numbers, as in `base + tile.index`. Nothing says that they lie in the tensor, and lanes beyond
    the tile's end would be its neighbours: only a tile that is whole is a rectangle of the tensor."""
    node: Any = indices
    moves = ""
    while node.target is not tile_index:
        if node in body.captured:
            node = body.captured[node]
            continue
        sign, values = _SIGNS.get(node.target), node.args
        vectors = [value for value in values if _is_vector(value)]
        if sign is None or node.kwargs or len(vectors) != 1 or (sign == "-" and vectors[0] is not values[0]):
            return None
        node, number = vectors[0], values[1] if vectors[0] is values[0] else values[0]
        moves = f" {sign} {_start(_operand(body.text(number)), number)}{moves}"
    names = body.axis(node.args[0])
    if names.is_flat or names.lane_ends is not None:
        return None
    lanes = _Lanes(body.text(indices), f"{names.offset}{moves}", Edge.NONE)
    return lanes if names.mask is None else replace(lanes, edge=Edge.OTHER, limit=f"{_operand(names.end)}{moves}")


def _operand(text: str) -> str:
    return f"({text})" if " " in text else text


def _is_vector(value: Any) -> bool:
    return isinstance(value, fx.Node) and isinstance(found := info_of(value).type, TensorType) and bool(found.dims)


def _slice(body: IndexText, element: slice[Any, Any, Any], size: Dim) -> _Lanes:
    known = _known(element, size)
    is_padded = body.layout.is_padded(known.length)
    if not known.is_inside:
        edge = Edge.OTHER if is_padded or known.start.is_nonnegative is not True else Edge.TENSOR
    elif is_padded:
        edge = Edge.TENSOR if known.start + known.length == size else Edge.OTHER
    else:
        edge = Edge.NONE
    lanes = replace(_shifted(body, body.text(known.start), known.length, known.step, edge), origin=known.start)
    if known.is_inside:
        return lanes
    inside = f"{lanes.index} < {body.size(size)}"
    return replace(lanes, bound=inside if known.start.is_nonnegative else f"({lanes.index} >= 0) & ({inside})")


def _run(body: IndexText, run: IndexRun, size: Dim) -> _Lanes:
    """Indices from a start that is computed: those past the tensor's end are left out, unless it is a tile written out."""
    tile, factor = _tile_of_run(body, run)
    if tile is not None and tile.end == size and factor == 1:
        return _tile(body, tile, size)
    is_masked = body.dim_mask(run.length) is not None if isinstance(run.length, BlockSymbol) else body.layout.is_padded(run.length)
    lanes = _shifted(body, body.text(run.start), run.length, int(run.step), Edge.OTHER if is_masked else Edge.TENSOR)
    start = None if lanes.start is None else _start(lanes.start, run.start)
    lanes = replace(lanes, start=start, bound=f"{lanes.index} < {body.size(size)}")
    if tile is None or tile.begin is None or tile.end is None or is_masked:
        return lanes
    lanes = replace(lanes, origin=tile.begin * factor)
    is_inside = body.axis(tile).mask is None and (size - tile.end * factor).is_nonnegative
    return replace(lanes, edge=Edge.NONE, bound=None) if is_inside else lanes


def _tile_of_run(body: IndexText, run: IndexRun) -> tuple[Axis | None, int]:
    """The tile whose indices, each standing for so many neighbours, a run goes over: `tile.begin * 2` and on, `tile.block_size * 2` of
    them."""
    for open_axis in body.open_axes:
        factor = None if open_axis.symbol is None or run.step != 1 else constant(dim(run.length) / open_axis.symbol)
        if factor is not None and _is_multiple(body, run.start, open_axis.offset, factor):
            return open_axis.axis, factor
    return None, 1


def _is_multiple(body: IndexText, value: Any, of: str, factor: int) -> bool:
    if factor == 1:
        return body.text(value) == of
    if not isinstance(value, fx.Node) or value.target is not operator.mul or factor not in value.args:
        return False
    return any(isinstance(part, fx.Node) and body.text(part) == of for part in value.args)


def _shifted(body: IndexText, first: str, length: Dim, step: int, edge: Edge) -> _Lanes:
    if body.layout.is_one(length):
        return _Lanes(first, first, edge)
    lanes = body.full_index(length)
    scaled = lanes if step == 1 else f"{lanes} * {step}"
    text = scaled if first == "0" else f"{first} + {scaled}"
    chunk = body.full_start(length)
    start = first if chunk == "0" else chunk if first == "0" else f"{first} + {chunk}"
    return _Lanes(text, start if step == 1 else None, edge)
