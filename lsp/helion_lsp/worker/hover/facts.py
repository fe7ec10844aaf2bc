"""A prepared kernel in, what its config makes of values, loops and accesses out: lengths, bytes, registers, lanes, config entries."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import sympy
from torch import fx

from helion.config.space import KnobSlots
from helion.device_ir.ir import NODE_INFO, NodeInfo
from helion.source import Span
from helion.typed_kernel.queries import bindings, expressions
from helion.types.dims import BlockSymbol, Dim, ceil_div, constant, dim_text
from helion.types.dtypes import short_name
from helion.types.types import Axis, Region, TensorType
from helion.types.untyped import is_sequence
from helion_lsp.worker.prepared import Prepared

Facts = dict[Span, list[str]]
_FOR = len("for")


def facts(prepared: Prepared) -> Facts:
    """Lines to add to the hover of a span."""
    found: Facts = {}
    for span, line in (*_values(prepared), *_lanes(prepared), *_loops(prepared), *_accesses(prepared)):
        lines = found.setdefault(span, [])
        if line not in lines:
            lines.append(line)
    return found


def _values(prepared: Prepared) -> Iterator[tuple[Span, str]]:
    """What each tensor is in numbers, where more of it is known than the text says."""
    for each in (*bindings(prepared.typed), *expressions(prepared.typed)):
        type_ = each.type
        if not isinstance(type_, TensorType) or type_.dtype is None or type_.rank is None:
            continue
        if type_.region is Region.DEVICE:
            yield from ((each.span, line) for line in _on_device(prepared, type_))
        elif prepared.sample is not None:
            size = _product(type_.dims)
            total = "" if size is None else f", {bytes_text(size * type_.dtype.itemsize)}"
            yield each.span, f"in the sample: `{type_}`{total}"


def _on_device(prepared: Prepared, type_: TensorType) -> Iterator[str]:
    """A program holds padded lanes, spread over its threads; what the compiler keeps of them at a time is its affair."""
    assert type_.dtype is not None
    lengths = [prepared.layout.with_config(size) for size in type_.dims]
    padded = [prepared.layout.length(size) for size in type_.dims]
    shape = f"{short_name(type_.dtype)}[{', '.join(map(dim_text, lengths))}]"
    if any(length is None for length in padded) or not padded:
        return
    elements = math.prod(length for length in padded if length is not None)
    threads = prepared.target.warp_size * _number(prepared.config.get("num_warps"), 4)
    registers = max(1, math.ceil(elements * type_.dtype.itemsize / 4 / threads))
    stored = "" if [constant(n) for n in lengths] == padded else f" in {'×'.join(map(str, padded))} lanes"
    words = f"with {prepared.config_words}: `{shape}`{stored}, {bytes_text(elements * type_.dtype.itemsize)} a program"
    yield f"{words}, about {registers} register{'' if registers == 1 else 's'} a thread"


def _lanes(prepared: Prepared) -> Iterator[tuple[Span, str]]:
    """What lanes beyond a tile hold, for values that may have some under this config."""
    for graph in prepared.ir.graphs:
        for node in graph.graph.nodes:
            info = _info(node)
            if info is not None and isinstance(info.type, TensorType) and _has_open_lanes(prepared, info.type):
                held = "undefined" if info.invalid_lanes is None else f"`{info.invalid_lanes}`"
                yield info.span, f"past the end of the data, lanes are {held}"


def _has_open_lanes(prepared: Prepared, type_: TensorType) -> bool:
    if type_.region is not Region.DEVICE or type_.rank is None:
        return False
    return any(_is_open(prepared, size) for size in type_.dims)


def _is_open(prepared: Prepared, size: Dim) -> bool:
    if not isinstance(size, BlockSymbol):
        return size.free_symbols == set() and prepared.layout.is_padded(size)
    length = prepared.layout.length(size)
    axes = [a for a in prepared.typed.axes if a.block is not None and a.block.symbol == size]
    extents = [None if a.end is None or a.begin is None else constant(a.end - a.begin) for a in axes]
    return length is not None and length > 1 and any(extent is None or extent % length for extent in extents)


def _info(node: fx.Node) -> NodeInfo | None:
    return node.meta.get(NODE_INFO) if node.op == "call_function" else None


def _loops(prepared: Prepared) -> Iterator[tuple[Span, str]]:
    """How often a loop runs, and what the config says of it."""
    for site in prepared.ir.loop_sites:
        place = Span(site.span.start, site.span.start + _FOR)
        counts = [_count(prepared, axis) for axis in site.axes]
        if all(count is not None for count in counts):
            texts = [dim_text(count) for count in counts if count is not None]
            total = _product(tuple(count for count in counts if count is not None))
            product = " × ".join(f"({t})" if " + " in t or " - " in t else t for t in texts)
            words = product if len(texts) == 1 or total is None else f"{product} = {total}"
            yield place, f"{'programs' if site.is_grid else 'rounds'} with {prepared.config_words}: `{words}`"
        blocks = {axis.block.span for axis in site.axes if axis.block is not None}
        yield from ((place, line) for line in _entries_at(prepared, {site.span} | blocks))


def _count(prepared: Prepared, axis: Axis) -> Dim | None:
    if axis.begin is None or axis.end is None:
        return None
    if axis.block is None:
        return axis.end - axis.begin if axis.step is None else ceil_div(axis.end - axis.begin, axis.step)
    length = prepared.layout.block_length(axis.block)
    extent = axis.end - axis.begin
    known = constant(extent)
    return sympy.Integer(-(-known // length)) if known is not None else sympy.Symbol(f"cdiv({dim_text(extent)}, {length})")


def _accesses(prepared: Prepared) -> Iterator[tuple[Span, str]]:
    """The config's entries for each load, store and atomic."""
    for site in prepared.ir.memory_sites:
        yield from ((site.span, line) for line in _entries_at(prepared, {site.span}))


def _entries_at(prepared: Prepared, places: set[Span]) -> Iterator[str]:
    found = [words for knob in prepared.space.knobs for words in _entries_of(prepared, knob, places)]
    if found:
        yield f"config entries: {', '.join(found)}"


def _entries_of(prepared: Prepared, knob: KnobSlots, places: set[Span]) -> Iterator[str]:
    """`block_sizes[0]` is 64."""
    value = prepared.config.get(knob.knob.key)
    for position, slot in enumerate(knob.slots):
        if slot.span in places and is_sequence(value) and knob.knob.is_list:
            yield f"`{knob.knob.key}[{position}]={value[position]!r}`"


def _number(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise


def _product(sizes: tuple[Dim, ...]) -> int | None:
    known = [constant(size) for size in sizes]
    return None if any(n is None for n in known) else math.prod(n for n in known if n is not None)


def bytes_text(count: int) -> str:
    """`512 B`, `16 KiB`, `1.5 MiB`."""
    amount: Any = count
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:g} {unit}" if unit == "B" else f"{round(amount, 1):g} {unit}"
        amount = amount / 1024
    return f"{round(amount, 1):g} GiB"
