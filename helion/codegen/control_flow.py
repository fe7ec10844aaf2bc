"""Loops, branches and while loops of the device IR as Triton text; values cross block borders as plain variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import fx

from helion.codegen.axes import bound_text, flat_extent, open_axis, open_flattened
from helion.codegen.multiples import multiple_of
from helion.codegen.ranges import range_text, round_count
from helion.codegen.signs import may_be_negative
from helion.codegen.split_loops import find_split, whole_rounds
from helion.device_ir.graph_builder import info_of
from helion.types.types import TensorType

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody
    from helion.device_ir.ir import LoopSite
    from helion.device_ir.structure import BranchArguments, LoopArguments, RepeatArguments


def _enter(body: KernelBody, graph: int, captured: Sequence[Any], carried: Sequence[str]) -> None:
    """Give a graph's placeholders their values: what it carries, then what it captured."""
    placeholders = [n for n in body.ir.graphs[graph].graph.nodes if n.op == "placeholder"]
    outer = [body.text(value) for value in captured]
    for placeholder, text in zip(placeholders, (*carried, *outer), strict=True):
        body.values[placeholder] = text
    body.captured.update(zip(placeholders[len(carried) :], captured, strict=True))


def _carry(body: KernelBody, placeholder_names: Sequence[str], initial: Sequence[Any]) -> list[str]:
    """Variables that start at `initial` and that iterations assign."""
    names: list[str] = []
    for hint, value in zip(placeholder_names, initial, strict=True):
        name = body.names.fresh(hint)
        body.writer.line(f"{name} = {body.text(value)}")
        names.append(name)
    return names


def _rebind(body: KernelBody, names: Sequence[str], values: Sequence[Any]) -> None:
    """Assign the values of this iteration; one that is another carried variable is copied first, so that a swap is a swap."""
    texts = [body.text(value) for value in values]
    copied: dict[str, str] = {}
    for position, text in enumerate(texts):
        if text in names[:position] and text != names[position]:
            copied[text] = body.names.fresh(f"{text}_before")
    for text, name in copied.items():
        body.writer.line(f"{name} = {text}")
    for name, text in zip(names, texts, strict=True):
        if name != text:
            body.writer.line(f"{name} = {copied.get(text, text)}")


def emit_loop(body: KernelBody, node: fx.Node) -> None:
    """Nested `for` loops, one an axis; the result's parts are the carried variables."""
    graph, site_index, _, _, _, captured, initial, _ = cast("LoopArguments", node.args)
    site = body.ir.loop_sites[site_index]
    placeholders = [n for n in body.ir.graphs[graph].graph.nodes if n.op == "placeholder"]
    hints = [info_of(p).name or "carried" for p in placeholders[: len(initial)]]
    names = _carry(body, hints, initial)
    bounds = [_bounds(body, node, position) for position in range(len(site.axes))]
    for part in _parts(body, node, site, bounds):
        depth = body.writer.depth
        opened = len(body.open_axes)
        full_before = dict(body.full_indices)
        if body.layout.is_flattened(site):
            _open_flat_loop(body, site)
        else:
            _open_loops(body, node, site, bounds, part)
        _enter(body, graph, captured, names)
        with body.taking(part.choices, part.idle):
            outputs = body.run_graph(graph)
        _rebind(body, names, outputs)
        if not site.axes or (not outputs and body.writer.lines[-1].endswith(":")):
            body.writer.line("pass")
        body.writer.depth = depth
        del body.open_axes[opened:]
        body.full_indices = {**body.full_indices, **full_before}
    body.parts[node] = tuple(names)


@dataclass(frozen=True)
class _Bounds:
    """Where a loop over an axis begins and ends, and where each lane of a jagged tile does, as text."""

    begin: str
    end: str
    lane_ends: str | None


def _bounds(body: KernelBody, node: fx.Node, position: int) -> _Bounds:
    """Of tiles they have the indices' width, whatever theirs in memory: offsets take part in every index, and in masks, and the copy
    engine takes 32 bits only."""
    _, site_index, begins, ends, _, _, _, lane_ends = cast("LoopArguments", node.args)
    axis = body.ir.loop_sites[site_index].axes[position]
    begin, end = bound_text(body, begins[position], axis.begin), bound_text(body, ends[position], axis.end)
    lanes = body.text(lane_ends[position]) if axis.lanes else None
    if axis.block is None or body.index_dtype != "tl.int32":
        return _Bounds(begin, end, lanes)
    begin = _narrowed(body, f"{axis.name}_begin", begins[position], begin)
    narrow_end = _narrowed(body, f"{axis.name}_end", ends[position], end)
    if lanes is not None:
        lanes = narrow_end if lanes == end else _narrowed(body, f"{axis.name}_lane_ends", lane_ends[position], lanes)
    return _Bounds(begin, narrow_end, lanes)


def _narrowed(body: KernelBody, hint: str, bound: object, text: str) -> str:
    type_ = info_of(bound).type if isinstance(bound, fx.Node) else None
    is_wide = isinstance(type_, TensorType) and type_.dtype is torch.int64
    return body.temporary(hint, f"tl.cast({text}, tl.int32)") if is_wide else text


@dataclass(frozen=True)
class _Part:
    """Some rounds of a loop: from `begin` and up to `end` where they are not the loop's own, which no tile of theirs reaches past if
    they are `is_whole`. See `Split` for `choices` and `idle`."""

    begin: str | None = None
    end: str | None = None
    is_whole: bool = False
    choices: frozenset[fx.Node] = frozenset()
    idle: frozenset[fx.Node] = frozenset()


def _parts(body: KernelBody, node: fx.Node, site: LoopSite, bounds: Sequence[_Bounds]) -> tuple[_Part, ...]:
    """The loop as a whole, or the rounds in which a condition holds in every lane and the others."""
    if len(site.axes) != 1 or site.index in body.shares:
        return (_Part(),)
    axis, begin, end = site.axes[0], bounds[0].begin, bounds[0].end
    split, whole = find_split(body, node, begin), whole_rounds(body, node, begin, end)
    if split is None:
        if whole is None:
            return (_Part(),)
        at = body.temporary(f"{axis.name}_split", whole)
        return _Part(None, at, is_whole=True), _Part(at, None)
    is_whole = whole is not None and split.is_first
    at = body.temporary(f"{axis.name}_split", f"tl.minimum({split.at}, {whole if is_whole else end})")
    first, last = ((split.choices, split.idle), (frozenset[fx.Node](),) * 2)[:: 1 if split.is_first else -1]
    return _Part(None, at, is_whole, *first), _Part(at, None, False, *last)


def _open_loops(body: KernelBody, node: fx.Node, site: LoopSite, bounds: Sequence[_Bounds], part: _Part) -> None:
    """Write the heads of the loops in the config's order, and what the body knows of each axis."""
    _, _, begins, ends, steps, *_ = cast("LoopArguments", node.args)
    order = body.layout.loop_order(site)
    offsets: dict[int, tuple[str, str, str]] = {}
    for level, position in enumerate(order):
        axis, begin, end = site.axes[position], bounds[position].begin, bounds[position].end
        step = body.size(axis.block.symbol) if axis.block is not None else body.text(1 if steps[position] is None else steps[position])
        offset = body.names.fresh(f"{axis.name}_offset" if axis.block is not None else axis.name)
        options = body.layout.range_options(site, position if level == len(order) - 1 else None)
        if body.layout.is_static(site, position):
            head = f"tl.static_range({begin}, {end}, {step})"
        elif axis.block is None and _may_fall(body, steps[position]):
            _open_counted(body, offset, begin, end, step, options)
            offsets[position] = (offset, begin, end)
            continue
        elif (share := body.shares.get(site.index)) is not None:
            head = range_text(share.begin(begin, step), end, share.step(step), options)
        else:
            head = range_text(part.begin or begin, part.end or end, step, options)
        body.writer.line(f"for {offset} in {head}:")
        body.writer.depth += 1
        offsets[position] = (offset, begin, end)
    for position, axis in enumerate(site.axes):
        known = (begins[position] if axis.begin is None else axis.begin, ends[position] if axis.end is None else axis.end)
        multiples = (multiple_of(body, known[0]), 0 if part.is_whole else multiple_of(body, known[1]))
        body.open_axes.append(open_axis(body, axis, *offsets[position], bounds[position].lane_ends, multiples, is_whole=part.is_whole))


def _may_fall(body: KernelBody, step: object) -> bool:
    """Whether only the run tells which way a loop goes."""
    return step is not None and not isinstance(step, int) and may_be_negative(step, body.ir.kernel.dim_origins, body.captured)


def _open_counted(body: KernelBody, name: str, begin: str, end: str, step: str, options: str) -> None:
    """Write the head of a loop whose step may be negative: Triton's loops go up, but for constant steps."""
    place = body.names.fresh(f"{name}_round")
    body.writer.line(f"for {place} in {range_text('0', round_count(begin, end, step, True), '1', options)}:")
    body.writer.depth += 1
    body.writer.line(f"{name} = {begin} + {place} * {step}")


def _open_flat_loop(body: KernelBody, site: LoopSite) -> None:
    """Write the head of the one loop over the product of the extents."""
    last = site.axes[-1]
    assert last.block is not None
    offset = body.names.fresh(f"{last.name}_offset")
    options = body.layout.range_options(site, len(site.axes) - 1)
    rounds = range_text("0", body.size(flat_extent(body, site.axes)), body.size(last.block.symbol), options)
    body.writer.line(f"for {offset} in {rounds}:")
    body.writer.depth += 1
    body.open_axes.extend(open_flattened(body, site.axes, offset))


def emit_branch(body: KernelBody, node: fx.Node) -> None:
    """`if`/`else`; both sides assign the merged variables."""
    condition, then_graph, else_graph, then_captured, else_captured = cast("BranchArguments", node.args)
    output = next(n for n in body.ir.graphs[then_graph].graph.nodes if n.op == "output")
    merged = cast("tuple[Any, ...]", output.args[0])
    hints = dict(sorted((cast("int", u.args[1]), info_of(u).name) for u in node.users))
    names = [body.names.fresh(hints.get(i) or "merged") for i in range(len(merged))]
    for keyword, graph, captured in (("if " + body.text(condition), then_graph, then_captured), ("else", else_graph, else_captured)):
        if keyword == "else" and not names and not body.ir.graphs[graph].has_code:
            continue
        body.writer.line(f"{keyword}:")
        with body.writer.indented():
            _enter(body, graph, captured, ())
            _rebind(body, names, body.run_graph(graph))
    body.parts[node] = tuple(names)


def emit_repeat(body: KernelBody, node: fx.Node) -> None:
    """`while`; the condition is computed before the loop and again at the end of each iteration."""
    condition_graph, body_graph, condition_captured, body_captured, initial = cast("RepeatArguments", node.args)
    placeholders = [n for n in body.ir.graphs[body_graph].graph.nodes if n.op == "placeholder"]
    names = _carry(body, [info_of(p).name or "carried" for p in placeholders[: len(initial)]], initial)
    again = body.names.fresh("again")
    _enter(body, condition_graph, condition_captured, names)
    body.writer.line(f"{again} = {body.text(body.run_graph(condition_graph)[0])}")
    body.writer.line(f"while {again}:")
    with body.writer.indented():
        _enter(body, body_graph, body_captured, names)
        _rebind(body, names, body.run_graph(body_graph))
        _enter(body, condition_graph, condition_captured, names)
        body.writer.line(f"{again} = {body.text(body.run_graph(condition_graph)[0])}")
    body.parts[node] = tuple(names)
