"""A typed kernel without errors in, FX graphs out: one walk over the typed tree's device parts; knows no config and writes no code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import fx

from helion.device_ir.calls import LoweringFailed, build_call
from helion.device_ir.carried import outputs, part_types, placeholders, unpacked
from helion.device_ir.graph_builder import GraphBuilder
from helion.device_ir.ir import DeviceIR, Graph, GridLoop, HostElement, LoopSite
from helion.device_ir.known_values import known_value
from helion.device_ir.late_inductor import InductorAdapter
from helion.device_ir.structure import (
    FunctionGraph,
    IndexRun,
    branch,
    element,
    grid_index,
    host_number,
    host_tensor,
    loop,
    repeat,
    size,
)
from helion.ops.table import OPS
from helion.source import Span
from helion.typed_kernel import tree
from helion.types.dims import ceil_div, dim
from helion.types.other_sizes import is_late
from helion.types.types import (
    Axis,
    DictType,
    NumberType,
    SequenceType,
    SliceType,
    TensorType,
    TileType,
    TunableType,
    Type,
)
from helion.types.untyped import is_sequence

Environment = dict[str, Any]
_UNKNOWN_BOUNDS = "where it begins and ends is not known when the kernel is compiled"


def build_device_ir(kernel: tree.TypedKernel, inductor: InductorAdapter) -> DeviceIR:
    """The graphs of a kernel, before any pass: sites and limits are still empty."""
    builder = _Builder(kernel, inductor)
    host: list[tree.HostStatement | int] = []
    grid_loops: list[GridLoop] = []
    phase = 0
    for statement in kernel.body:
        if isinstance(statement, tree.HostStatement):
            if not statement.text:
                raise LoweringFailed(statement.span, "this loop", _UNKNOWN_BOUNDS, is_call=False)
            host.append(statement)
        elif isinstance(statement, tree.Loop):
            host.append(len(grid_loops))
            grid_loops.append(builder.grid_loop(statement, phase))
        elif isinstance(statement, tree.Barrier):
            phase += 1
    return DeviceIR(
        kernel=kernel,
        graphs=tuple(graph for graph in builder.graphs if graph is not None),
        grid_loops=tuple(grid_loops),
        host=tuple(host),
        blocks=kernel.blocks,
        memory_sites=(),
        loop_sites=tuple(builder.loop_sites),
        reduction_sites=(),
        block_minimums={},
        block_maximums={},
        hints={**kernel.hints, **{t.symbol: t.fragment.default() for t in kernel.tunables if t.kind is int}},
        inductor=inductor,
    )


def _tensor_bound(bound: tree.Expr | None) -> HostElement | None:
    """The host tensor that holds a grid loop's begin or end, if it is one."""
    if bound is None or not isinstance(bound.type, TensorType):
        return None
    if not isinstance(bound, tree.Name):
        why = "a tensor that bounds a top-level loop must be an argument or a variable itself"
        raise LoweringFailed(bound.span, "this bound", why, is_call=False)
    return bound.name, bound.type


@dataclass
class _Builder:
    """The graphs and loops found so far; a graph's place is reserved before its inner graphs are built."""

    kernel: tree.TypedKernel
    inductor: InductorAdapter
    graphs: list[Graph | None] = field(default_factory=list[Graph | None])
    loop_sites: list[LoopSite] = field(default_factory=list[LoopSite])

    def grid_loop(self, statement: tree.Loop, phase: int) -> GridLoop:
        site = self.site_of(statement)
        index = self.reserve_graph()
        block = _Block(self, GraphBuilder("grid", None), {})
        block.bind_targets(statement)
        block.run(statement.body)
        self.graphs[index] = block.graph.finish(index, ())
        begins, ends = (tuple(map(_tensor_bound, bounds)) for bounds in (statement.begins, statement.ends))
        return GridLoop(site, statement.axes, index, statement.span, phase, begins, ends)

    def reserve_graph(self) -> int:
        self.graphs.append(None)
        return len(self.graphs) - 1

    def site_of(self, statement: tree.Loop) -> int:
        index = len(self.loop_sites)
        begins_at_zero = all(axis.begin == 0 for axis in statement.axes)
        names = ", ".join(axis.name for axis in statement.axes)
        self.loop_sites.append(
            LoopSite(
                index=index,
                name=f"loop {names}",
                span=statement.span,
                axes=statement.axes,
                is_grid=statement.is_grid,
                begins_at_zero=begins_at_zero,
                can_flatten=False,
            )
        )
        return index


@dataclass
class _Block:
    """Walks the statements of one basic block."""

    builder: _Builder
    graph: GraphBuilder
    names: Environment

    def run(self, statements: tuple[tree.Stmt, ...]) -> None:
        for statement in statements:
            match statement:
                case tree.Assign(target=target, value=value):
                    self.names[target.name] = self._named(self.value(value), target.name.split("@")[0])
                case tree.Evaluate(value=value):
                    self.value(value)
                case tree.Loop():
                    self._loop(statement)
                case tree.If():
                    self._branch(statement)
                case tree.While():
                    self._while(statement)
                case _:
                    raise AssertionError(f"{type(statement).__name__} in device code")

    def _named(self, value: Any, name: str) -> Any:
        """Give a node the name of the variable it is first bound to: generated code keeps the source's names."""
        if isinstance(value, fx.Node) and value.graph is self.graph.graph:
            info = value.meta["helion"]
            if not info.name:
                value.meta["helion"] = type(info)(**{**info.__dict__, "name": name})
        return value

    def bind_targets(self, statement: tree.Loop) -> None:
        if not statement.axes:
            raise LoweringFailed(statement.span, "this loop", _UNKNOWN_BOUNDS, is_call=False)
        if any(is_late(bound) for axis in statement.axes for bound in (axis.begin, axis.end)):
            why = "only running tells how far it goes: give that a name on the host before the loop, as in `n = mask.nonzero().size(0)`"
            raise LoweringFailed(statement.span, "this loop", why, is_call=False)
        for position, binding in enumerate(statement.targets):
            axis = statement.axes[min(position, len(statement.axes) - 1)]
            axes = iter(statement.axes) if len(statement.targets) == 1 else iter((axis,))
            self.names[binding.name] = self._target(binding.type, axes, binding.span)

    def _target(self, type_: Type, axes: Any, span: Span) -> Any:
        if isinstance(type_, SequenceType):
            return tuple(self._target(item, axes, span) for item in type_.items)
        axis: Axis = next(axes)
        if isinstance(type_, TileType):
            return axis
        return self.graph.node(grid_index, (axis,), {}, type_, span, name=axis.name)

    # -- statements -------------------------------------------------------------------------------------------------

    def _inner(self, kind: str) -> tuple[int, _Block]:
        index = self.builder.reserve_graph()
        graph = GraphBuilder(kind, self.graph)
        names = _LiftedNames(self.names, graph)
        return index, _Block(self.builder, graph, names)

    def _loop(self, statement: tree.Loop) -> None:
        site = self.builder.site_of(statement)
        begins = tuple(0 if b is None else self.value(b) for b in statement.begins)
        ends = tuple(self.value(e) for e in statement.ends)
        steps = tuple(None if s is None else self.value(s) for s in statement.steps)
        lane_ends = tuple(None if e is None else self.value(e) for e in statement.lane_ends)
        index, inner = self._inner("loop")
        carried = statement.carried
        initial = outputs(self.graph, self.names, carried)
        inner.names.update(placeholders(inner.graph, carried))
        inner.bind_targets(statement)
        inner.run(statement.body)
        self.builder.graphs[index] = inner.graph.finish(index, outputs(inner.graph, inner.names, carried))
        captured = tuple(self.graph.lift(node) for node in inner.graph.captured)
        result = self.graph.node(
            loop,
            (index, site, begins, ends, steps, captured, initial, lane_ends),
            {},
            part_types(carried),
            statement.span,
        )
        self._unpack(result, carried)

    def _branch(self, statement: tree.If) -> None:
        condition = self.value(statement.condition)
        indices: list[int] = []
        captured: list[tuple[Any, ...]] = []
        for body in (statement.then, statement.otherwise):
            index, inner = self._inner("branch")
            inner.run(body)
            self.builder.graphs[index] = inner.graph.finish(index, outputs(inner.graph, inner.names, statement.merged))
            indices.append(index)
            captured.append(tuple(self.graph.lift(node) for node in inner.graph.captured))
        result = self.graph.node(
            branch,
            (condition, *indices, *captured),
            {},
            part_types(statement.merged),
            statement.span,
        )
        self._unpack(result, statement.merged)

    def _while(self, statement: tree.While) -> None:
        carried = statement.carried
        initial = outputs(self.graph, self.names, carried)
        indices: list[int] = []
        captured: list[tuple[Any, ...]] = []
        for part in ("condition", "body"):
            index, inner = self._inner(part)
            inner.names.update(placeholders(inner.graph, carried))
            if part == "condition":
                inner.run(statement.first)
                results: tuple[Any, ...] = (inner.value(statement.condition),)
            else:
                inner.run(statement.body)
                results = outputs(inner.graph, inner.names, carried)
            self.builder.graphs[index] = inner.graph.finish(index, results)
            indices.append(index)
            captured.append(tuple(self.graph.lift(node) for node in inner.graph.captured))
        result = self.graph.node(
            repeat,
            (*indices, *captured, initial),
            {},
            part_types(carried),
            statement.span,
        )
        self._unpack(result, carried)

    def _unpack(self, result: fx.Node, bindings: tuple[tree.Binding, ...]) -> None:
        parts = ((b, type_) for b in bindings for type_ in part_types((b,)).items)
        nodes = (self.graph.node(element, (result, position), {}, type_, b.span, name=b.name) for position, (b, type_) in enumerate(parts))
        self.names.update(unpacked(bindings, nodes))

    # -- expressions ------------------------------------------------------------------------------------------------

    def value(self, expr: tree.Expr) -> Any:
        """What an expression is on the device: a node, an axis, a number, a dim, or a tuple of these."""
        known = known_value(expr.type)
        if known is not None and not isinstance(expr, tree.Call):
            return known.value
        if isinstance(expr.type, TunableType):
            return self.graph.tunable(expr.type.tunable, expr.span)
        match expr:
            case tree.Constant(value=value):
                return value
            case tree.Name(name=name) if name in self.names:
                return self.graph.lift(self.names[name])
            case tree.Name(name=name):
                return self._from_host(name, expr.type, expr.span)
            case tree.Captured(path=path):
                return self._from_host(path, expr.type, expr.span)
            case tree.HostValue(text=text):
                return self._from_host(text, expr.type, expr.span)
            case tree.Sequence(items=items):
                return tuple(self.value(item) for item in items)
            case tree.Slice(lower=lower, upper=upper, step=step):
                return self._slice(expr.type, *(None if part is None else self.value(part) for part in (lower, upper, step)))
            case tree.Item(sequence=sequence, index=index):
                return self._item(self.value(sequence), index, expr.type, expr.span)
            case tree.Select(condition=condition, then=then, otherwise=otherwise):
                chosen = (self.value(condition), self.value(then), self.value(otherwise))
                return build_call(self.graph, _select, chosen, {}, expr, self.builder.inductor)
            case tree.Function():
                return self._function(expr)
            case tree.Call(target=target, args=args, kwargs=kwargs):
                if known is not None and not _has_effect(target):
                    return known.value
                options = {name: self._argument(value) for name, value in kwargs if name != "device"}
                return build_call(self.graph, target, tuple(self._argument(arg) for arg in args), options, expr, self.builder.inductor)
            case _:
                raise LoweringFailed(expr.span, f"`{self.builder.kernel.file.text_of(expr.span)}`", "its type is not known", is_call=False)

    def _argument(self, expr: tree.Expr) -> Any:
        """The value of an argument; a dict display keeps its keys."""
        if isinstance(expr, tree.Sequence) and isinstance(expr.type, DictType):
            return {key: self.value(item) for (key, _), item in zip(expr.type.items, expr.items, strict=True)}
        return self.value(expr)

    def _slice(self, type_: Type, lower: Any, upper: Any, step: Any) -> Any:
        if not isinstance(type_, SliceType) or type_.distance is None:
            return slice(lower, upper, step)
        stride = 1 if step is None else step
        return IndexRun(lower, type_.distance if stride == 1 else ceil_div(type_.distance, dim(stride)), stride)

    def _function(self, expr: tree.Function) -> FunctionGraph:
        """A graph of its own that encloses nothing and is enclosed by nothing."""
        index = self.builder.reserve_graph()
        inner = _Block(self.builder, GraphBuilder("function", None), {})
        for binding in expr.parameters:
            inner.names[binding.name] = inner.graph.placeholder(binding.name.split("@")[0], binding.type, binding.span)
        inner.run(expr.body)
        value = inner.value(expr.result)
        values = value if is_sequence(value) else (value,)
        types = expr.result.type.items if isinstance(expr.result.type, SequenceType) else (expr.result.type,)
        outputs = tuple(inner.graph.as_node(v, t, expr.span) for v, t in zip(values, types, strict=True))
        self.builder.graphs[index] = inner.graph.finish(index, outputs)
        if any(node.target in (host_tensor, host_number, size) for node in inner.graph.graph.nodes):
            raise LoweringFailed(expr.span, expr.name, "it reads values of the host, and may read only its parameters and constants")
        return FunctionGraph(index, expr.name)

    def _item(self, value: Any, index: int, type_: Type, span: Span) -> Any:
        if is_sequence(value):
            return value[index]
        return self.graph.node(element, (value, index), {}, type_, span)

    def _from_host(self, expression: str, type_: Type, span: Span) -> Any:
        match type_:
            case TensorType():
                return self.graph.host_tensor(expression, type_, span)
            case NumberType():
                return self.graph.host_number(expression, type_, span)
            case SequenceType(items=items):
                return tuple(
                    known.value if (known := known_value(item)) is not None else self._from_host(type_.path(expression, i), item, span)
                    for i, item in enumerate(items)
                )
            case DictType(items=pairs):
                return tuple(self._from_host(f"{expression}[{key!r}]", item, span) for key, item in pairs)
            case _:
                why = "its type is not known well enough to pass it to the device"
                raise LoweringFailed(span, f"`{expression}`", why, is_call=False)


def _select(condition: Any, then: Any, otherwise: Any) -> Any:
    raise NotImplementedError


def _has_effect(target: Any) -> bool:
    op = OPS.find(target)
    return op is not None and op.has_effect


class _LiftedNames(dict[str, Any]):
    """The names of an inner block: those of the outer block, lifted into the inner graph when first read."""

    def __init__(self, outer: Mapping[str, Any], graph: GraphBuilder) -> None:
        super().__init__()
        self._outer = outer
        self._graph = graph

    def __missing__(self, name: str) -> Any:
        value = self._graph.lift(self._outer[name])
        self[name] = value
        return value

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self._outer
