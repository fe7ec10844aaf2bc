"""Reductions as Triton text: of a value held whole, or accumulated chunk by chunk in a loop over a `:` dim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.ops.reductions import ReductionKind, accumulator_dtype, kind_of, reduced_dims
from helion.types.dims import BlockSymbol, Dim
from helion.types.dtypes import triton_name
from helion.types.types import TensorType

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody


def _masked_input(body: KernelBody, value: Any, dims: tuple[int, ...], kind: ReductionKind, computed: torch.dtype) -> str:
    return body.masked(value, kind.identity_for(computed), dims, computed)


def emit_reduction(body: KernelBody, value: Any, dims: tuple[int, ...], kind: ReductionKind) -> str:
    """A reduction along logical `dims` of a value that is held whole."""
    source, result = body.type_of(value), body.result_type
    assert isinstance(source, TensorType) and source.dtype is not None
    computed = accumulator_dtype(source.dtype, kind, result.dtype)
    text = _reduced(body, _masked_input(body, value, dims, kind, computed), source.dims, dims, kind)
    return _finished(body, text, source.dims, dims, kind, computed, result.dtype)


def _reduced(body: KernelBody, text: str, shape: tuple[Dim, ...], dims: tuple[int, ...], kind: ReductionKind) -> str:
    kept = body.physical_dims(shape)
    for axis in reversed([kept.index(d) for d in dims if d in kept]):
        text = _along_axis(body, text, axis, kind)
    return text


def _along_axis(body: KernelBody, text: str, axis: int, kind: ReductionKind) -> str:
    if kind.whole is not None:
        return kind.whole.format(x=text, axis=axis)
    combine = body.module_function(kind.name, ("a", "b"), (f"return {kind.combine.format(a='a', b='b')}",))
    return f"tl.reduce({text}, {axis}, {combine})"


def _finished(
    body: KernelBody, text: str, shape: tuple[Dim, ...], dims: tuple[int, ...], kind: ReductionKind, computed: Any, result: Any
) -> str:
    if kind.is_mean:
        sizes = [body.dim(shape[d]) if isinstance(shape[d], BlockSymbol) else body.size(shape[d]) for d in dims]
        text = f"{text} / ({' * '.join(sizes)})"
    if computed == result:
        return text
    return body.cast(text if text.isidentifier() else f"({text})", computed, result)


def emit_reduction_with_place(body: KernelBody, value: Any, dims: tuple[int, ...], kind: ReductionKind) -> tuple[str, str]:
    """The extreme along `dims` and its place there, in row order over their true sizes; of equal ones the first, and NaN before all."""
    source = body.type_of(value)
    assert isinstance(source, TensorType) and source.dtype is not None
    computed = accumulator_dtype(source.dtype, kind, source.dtype)
    best = _masked_input(body, value, dims, kind, computed)
    kept = body.physical_dims(source.dims)
    axes = [kept.index(d) for d in dims if d in kept]
    if not axes:
        rest = tuple(size for i, size in enumerate(source.dims) if i not in dims)
        return body.cast(best, computed, source.dtype), f"tl.full({body.physical_shape(rest)}, 0, tl.int64)"
    best, place = _best_of(body, body.temporary("best", best), _whole_places(body, source.dims, dims), axes, kind)
    return body.cast(best, computed, source.dtype), f"{place}.to(tl.int64)"


def _best_of(body: KernelBody, best: str, place: str, axes: list[int], kind: ReductionKind) -> tuple[str, str]:
    for axis in reversed(axes):
        pair = body.temporary("pair", f"tl.reduce(({best}, {place}), {axis}, {_better(body, kind)})")
        best, place = f"{pair}[0]", f"{pair}[1]"
    return best, place


def _better(body: KernelBody, kind: ReductionKind) -> str:
    """The function that picks one of two elements with their places."""
    comparison = ">" if kind.name == "amax" else "<"
    lines = (
        f"wins = (left {comparison} right) | ((left != left) & (right == right))",
        "ties = (left == right) | ((left != left) & (right != right))",
        "takes_left = wins | (ties & (left_place < right_place))",
        "return tl.where(takes_left, left, right), tl.where(takes_left, left_place, right_place)",
    )
    return body.module_function(f"{kind.name}_with_place", ("left", "left_place", "right", "right_place"), lines)


def _whole_places(body: KernelBody, shape: tuple[Dim, ...], dims: tuple[int, ...]) -> str:
    return f"tl.broadcast_to({_places(body, shape, dims)}, {body.physical_shape(shape)})"


def _places(body: KernelBody, shape: tuple[Dim, ...], dims: tuple[int, ...]) -> str:
    """The number of each lane among the lanes along `dims`."""
    kept = body.physical_dims(shape)
    text = ""
    for d in dims:
        if d not in kept:
            continue
        size = shape[d]
        index = f"tl.arange(0, {body.dim(size)})" if size.has(BlockSymbol) else body.full_index(size)
        lanes = body.expanded(index, (d,), shape)
        text = f"({text}) * {body.size(shape[d])} + {lanes}" if text else lanes
    return text


def rolling_accumulator(body: KernelBody, node: fx.Node) -> RollingAccumulator | RollingPlace:
    """What a reduction keeps from chunk to chunk."""
    kind = kind_of(node.target)
    assert kind is not None, f"{node.target} cannot run in a loop"
    return RollingAccumulator(body, node, kind) if kind.gives == "value" else RollingPlace(body, node, kind)


class RollingAccumulator:
    """One reduction over a looped dim: a block of partial results, combined elementwise for each chunk, reduced whole at the end."""

    def __init__(self, body: KernelBody, node: fx.Node, kind: ReductionKind) -> None:
        self.body = body
        self.node = node
        self.kind = kind
        self.value: Any = node.args[0]
        source, result = info_of(self.value).type, info_of(node).type
        assert isinstance(source, TensorType) and isinstance(result, TensorType)
        assert source.dtype is not None and result.dtype is not None
        self.source = source
        self.dims = reduced_dims(len(source.dims), node.args[1] if len(node.args) > 1 else None)
        self.result_dtype = result.dtype
        self.computed = accumulator_dtype(source.dtype, kind, result.dtype)
        self.name = body.names.fresh(f"{info_of(node).name or kind.name}_acc")

    def start(self) -> None:
        self.start_as(self.body.physical_shape(self.source.dims))

    def start_as(self, shape: str) -> None:
        """Begin with lanes of this shape, which is a list as text."""
        identity = self.body.literal(self.kind.identity_for(self.computed))
        self.body.writer.line(f"{self.name} = tl.full({shape}, {identity}, {triton_name(self.computed)})")

    def masked_input(self) -> str:
        """The chunk at hand, with what changes nothing in lanes outside."""
        return _masked_input(self.body, self.value, self.dims, self.kind, self.computed)

    def step(self) -> None:
        text = self.masked_input()
        self.body.writer.line(f"{self.name} = {self.kind.combine.format(a=self.name, b=text)}")

    def finish(self) -> str:
        text = _reduced(self.body, self.name, self.source.dims, self.dims, self.kind)
        finished = _finished(self.body, text, self.source.dims, self.dims, self.kind, self.computed, self.result_dtype)
        return self.body.assign(finished)


class RollingPlace:
    """One reduction to an extreme and its place over a looped dim: the best element of each lane so far, and where it stood."""

    def __init__(self, body: KernelBody, node: fx.Node, kind: ReductionKind) -> None:
        self.body = body
        self.kind = kind
        self.value: Any = node.args[0]
        source = info_of(self.value).type
        assert isinstance(source, TensorType) and source.dtype is not None
        self.source = source
        self.dtype = source.dtype
        self.dims = reduced_dims(len(source.dims), node.args[1] if len(node.args) > 1 else None)
        self.computed = accumulator_dtype(source.dtype, kind, source.dtype)
        self.best = body.names.fresh("best")
        self.place = body.names.fresh("place")

    def start(self) -> None:
        identity = self.body.literal(self.kind.identity_for(self.computed))
        shape = self.body.physical_shape(self.source.dims)
        self.body.writer.line(f"{self.best} = tl.full({shape}, {identity}, {triton_name(self.computed)})")
        self.body.writer.line(f"{self.place} = tl.full({shape}, {2**31 - 1}, tl.int32)")

    def step(self) -> None:
        value = self.body.temporary("chunk", _masked_input(self.body, self.value, self.dims, self.kind, self.computed))
        places = _whole_places(self.body, self.source.dims, self.dims)
        self.body.writer.line(f"{self.best}, {self.place} = {_better(self.body, self.kind)}({value}, {places}, {self.best}, {self.place})")

    def finish(self) -> str | tuple[str, ...]:
        kept = self.body.physical_dims(self.source.dims)
        axes = [kept.index(d) for d in self.dims if d in kept]
        best, place = _best_of(self.body, self.best, self.place, axes, self.kind)
        place = self.body.temporary("place", f"{place}.to(tl.int64)")
        if self.kind.gives == "place":
            return place
        return self.body.temporary("best", self.body.cast(best, self.computed, self.dtype)), place
