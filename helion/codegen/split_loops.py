"""A loop over tiles in, at which round a comparison of indices begins or ceases to hold in every lane out: those need not compare; and
at which round tiles cease to be whole, where only the run tells: those need no masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.structure import STRUCTURE
from helion.ops.table import OPS
from helion.types.types import Axis, NumberType, TensorType

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody
    from helion.device_ir.ir import LoopSite
    from helion.device_ir.structure import LoopArguments

_ATEN: Any = torch.ops.aten
_WHERE = _ATEN.where.self
# Which operand must not be smaller, and by how much the other must be smaller at least.
_COMPARISONS = {
    _ATEN.ge.Tensor: (0, 1, 0),
    _ATEN.gt.Tensor: (0, 1, 1),
    _ATEN.le.Tensor: (1, 0, 0),
    _ATEN.lt.Tensor: (1, 0, 1),
}
_PRODUCTS_OF_A_CHAIN = 2
_SHIFTS = {_ATEN.add.Tensor: "+", _ATEN.sub.Tensor: "-"}


@dataclass(frozen=True)
class Split:
    """`at` is the offset of the first round of the second part. In the rounds of the first part if `is_first`, else in those of the second,
    each of `choices`, a `torch.where`, chooses its first value everywhere; `idle` are the nodes that nobody reads there."""

    at: str
    is_first: bool
    choices: frozenset[fx.Node]
    idle: frozenset[fx.Node]


@dataclass(frozen=True)
class _Indices:
    """The indices of a tile, plus the terms of `shift`, each a sign and a number as text."""

    axis: Axis
    shift: tuple[tuple[str, str], ...] = ()

    @property
    def shift_text(self) -> str:
        return "".join(f" {sign} {number}" for sign, number in self.shift)

    @property
    def unshift_text(self) -> str:
        return "".join(f" {'-' if sign == '+' else '+'} {number}" for sign, number in self.shift)


@dataclass(frozen=True)
class _Comparison:
    """Passed where an index of `larger` is no smaller than one of `smaller` plus `margin`."""

    larger: _Indices
    smaller: _Indices
    margin: int


def find_split(body: KernelBody, node: fx.Node, begin: str) -> Split | None:
    """Where a loop over one tile that begins at `begin` may be split; None where no comparison in it is one of its indices with those of a
    tile around it, or where splitting would write other loops twice."""
    graph, site_index, _, _, _, captured, initial, _ = cast("LoopArguments", node.args)
    site = body.ir.loop_sites[site_index]
    nodes = _nodes(body, graph)
    if not _may_be_written_twice(body, site, nodes):
        return None
    outer = _outer_values(body, graph, captured, len(initial))
    choices = {n: found for n in nodes if n.target is _WHERE and (found := _comparison(body, n, site.axes[0], outer)) is not None}
    if not choices:
        return None
    chosen = next(iter(choices.values()))
    same = frozenset(n for n, comparison in choices.items() if comparison == chosen)
    is_first = chosen.smaller.axis.index == site.axes[0].index
    return Split(_boundary(body, chosen, begin, is_first=is_first), is_first, same, _idle(nodes, same))


def whole_rounds(body: KernelBody, node: fx.Node, begin: str, end: str) -> str | None:
    """The offset of the first round of such a loop that reaches past `end`, which only the run tells; None where all are masked alike.

    Of a loop whose rounds multiply what they multiplied before, as attention's do, masks are a choice for each element of a tile, several
    times; those of other loops are of what they load.
    """
    graph, site_index, *_ = cast("LoopArguments", node.args)
    site, nodes = body.ir.loop_sites[site_index], _nodes(body, graph)
    products = [n for n in nodes if (op := OPS.find(n.target)) is not None and op.requires is not None]
    if body.ir.kernel.static_shapes or len(products) < _PRODUCTS_OF_A_CHAIN or not _may_be_written_twice(body, site, nodes):
        return None
    block = site.axes[0].block
    assert block is not None
    step = body.size(block.symbol)
    return f"{end} // {step} * {step}" if begin == "0" else f"{begin} + ({end} - {begin}) // {step} * {step}"


def _nodes(body: KernelBody, graph: int) -> list[fx.Node]:
    return [n for n in body.ir.graphs[graph].graph.nodes if n.op == "call_function"]


def _may_be_written_twice(body: KernelBody, site: LoopSite, nodes: Sequence[fx.Node]) -> bool:
    """Whether a loop is over one tile, and holds no other loop."""
    if len(site.axes) != 1 or site.axes[0].block is None or site.axes[0].lanes or body.layout.is_static(site, 0):
        return False
    return not body.layout.rolled and not any(n.target in STRUCTURE for n in nodes)


def _outer_values(body: KernelBody, graph: int, captured: Sequence[Any], carried: int) -> dict[fx.Node, Any]:
    """What the placeholders of a loop's graph stand for; those that its rounds change are left out."""
    placeholders = [n for n in body.ir.graphs[graph].graph.nodes if n.op == "placeholder"]
    return dict(zip(placeholders[carried:], captured, strict=True))


def _comparison(body: KernelBody, choice: fx.Node, axis: Axis, outer: dict[fx.Node, Any]) -> _Comparison | None:
    """What decides a choice, if that is how the loop's indices compare with those of a tile around it."""
    condition, value = choice.args[:2]
    if not _is_whole(body, choice, value):
        return None
    test = _moved(condition, outer)
    if not isinstance(test, fx.Node) or test.target not in _COMPARISONS:
        return None
    larger, smaller, margin = _COMPARISONS[test.target]
    sides = [_indices(body, test.args[position], outer) for position in (larger, smaller)]
    if sides[0] is None or sides[1] is None:
        return None
    own = [side.axis.index == axis.index for side in sides if side is not None]
    other = sides[own.index(False)] if sum(own) == 1 else None
    if other is None or other.axis.block is None or body.axis(other.axis).is_flat:
        return None
    return _Comparison(sides[0], sides[1], margin)


def _is_whole(body: KernelBody, choice: fx.Node, value: object) -> bool:
    """Whether a value stands for the choice as it is, in every lane and with its dtype."""
    if not isinstance(value, fx.Node):
        return False
    result, own = info_of(choice).type, info_of(value).type
    if not isinstance(result, TensorType) or not isinstance(own, TensorType) or own.dtype != result.dtype:
        return False
    lead = len(result.dims) - len(own.dims)
    return body.physical_dims(result.dims) == tuple(i + lead for i in body.physical_dims(own.dims))


def _moved(value: Any, outer: dict[fx.Node, Any]) -> Any:
    """The value that another one has the elements of, in other places."""
    while isinstance(value, fx.Node):
        if value in outer:
            value = outer[value]
            continue
        op = OPS.find(value.target) if value.op == "call_function" else None
        if op is None or op.masks is None or op.masks.result != "propagate":
            break
        value = value.args[0]
    return value


def _indices(body: KernelBody, value: Any, outer: dict[fx.Node, Any]) -> _Indices | None:
    value = _moved(value, outer)
    if not isinstance(value, fx.Node) or value.op != "call_function" or value.kwargs:
        return None
    op = OPS.find(value.target)
    if op is not None and op.tile_attribute == "index" and isinstance(value.args[0], Axis):
        return _Indices(value.args[0])
    if value.target not in _SHIFTS:
        return None
    base, shift = _indices(body, value.args[0], outer), _number(body, value.args[1], outer)
    return None if base is None or shift is None else _Indices(base.axis, (*base.shift, (_SHIFTS[value.target], shift)))


def _number(body: KernelBody, value: Any, outer: dict[fx.Node, Any]) -> str | None:
    """An integer that does not change in the loop, as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value) if value >= 0 else f"({value})"
    if not isinstance(value, fx.Node) or value not in outer:
        return None
    type_ = info_of(value).type
    return f"({body.text(outer[value])})" if isinstance(type_, NumberType) and type_.kind is int else None


def _boundary(body: KernelBody, comparison: _Comparison, begin: str, *, is_first: bool) -> str:
    """The offset of the first round that does not pass in every lane (`is_first`), or of the first that does."""
    own, other = (comparison.smaller, comparison.larger) if is_first else (comparison.larger, comparison.smaller)
    assert own.axis.block is not None and other.axis.block is not None
    step, offset = body.size(own.axis.block.symbol), body.axis(other.axis).offset
    past_begin = "" if begin == "0" else f" - {begin}"
    if is_first:
        room = f"{offset}{other.shift_text}{own.unshift_text}{past_begin} + {1 - comparison.margin}"
    else:
        highest = f"{offset} + {body.size(other.axis.block.symbol)}{other.shift_text}{own.unshift_text}"
        room = f"{highest}{past_begin} + {comparison.margin - 2} + {step}"
    rounds = f"tl.maximum({room}, 0) // {step} * {step}"
    return rounds if begin == "0" else f"{begin} + {rounds}"


def _idle(nodes: Sequence[fx.Node], choices: frozenset[fx.Node]) -> frozenset[fx.Node]:
    """The nodes that only the choices' conditions and second values need."""
    idle: set[fx.Node] = set()
    for node in reversed(nodes):
        op = OPS.find(node.target)
        if op is not None and (op.has_effect or op.accesses in ("store", "atomic") or op.draws):
            continue
        if node.users and all(user in idle or (user in choices and user.args[1] is not node) for user in node.users):
            idle.add(node)
    return frozenset(idle)
