"""One FX graph under construction: creating nodes with their `NodeInfo`, and lifting outer values in as placeholders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import fx

from helion.device_ir.ir import NODE_INFO, Graph, NodeInfo
from helion.device_ir.structure import IndexRun, host_number, host_tensor, scalar, size
from helion.source import Span
from helion.types.dims import Dim
from helion.types.types import NumberType, Region, TensorType, Tunable, Type
from helion.types.untyped import is_sequence, is_slice


def info_of(node: fx.Node) -> NodeInfo:
    """The facts of a node."""
    return node.meta[NODE_INFO]


class GraphBuilder:
    """Builds one basic block. Values of enclosing blocks come in through `lift`, which records them in `captured`."""

    def __init__(self, kind: str, parent: GraphBuilder | None) -> None:
        self.kind = kind
        self.parent = parent
        self.graph = fx.Graph()
        self.captured: dict[fx.Node, fx.Node] = {}
        self._host_values: dict[object, fx.Node] = {}

    def node(
        self,
        target: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        type_: Type,
        span: Span,
        *,
        name: str = "",
    ) -> fx.Node:
        node = self.graph.create_node("call_function", target, args, dict(kwargs))
        node.meta[NODE_INFO] = NodeInfo(type_, span, name)
        return node

    def placeholder(self, name: str, type_: Type, span: Span) -> fx.Node:
        node = self.graph.placeholder(name)
        node.meta[NODE_INFO] = NodeInfo(type_, span, name)
        return node

    def lift(self, value: Any) -> Any:
        """The value as this graph can use it: nodes of enclosing graphs become placeholders, everything else is itself."""
        if isinstance(value, IndexRun):
            return IndexRun(*(self.lift(v) for v in value))
        if is_sequence(value):
            return type(value)(self.lift(v) for v in value)
        if is_slice(value):
            return slice(self.lift(value.start), self.lift(value.stop), self.lift(value.step))
        if not isinstance(value, fx.Node) or value.graph is self.graph:
            return value
        if value not in self.captured:
            assert self.parent is not None, "a value of a graph that does not enclose this one"
            inner = self._first_placeholder(value)
            self.captured[value] = inner
        return self.captured[value]

    def _first_placeholder(self, outer: fx.Node) -> fx.Node:
        """A new placeholder after those there are and before the body."""
        info = info_of(outer)
        first = next((n for n in self.graph.nodes if n.op != "placeholder"), None)
        if first is None:
            return self.placeholder(info.name or outer.name, info.type, info.span)
        with self.graph.inserting_before(first):
            return self.placeholder(info.name or outer.name, info.type, info.span)

    def root(self) -> GraphBuilder:
        return self if self.parent is None else self.parent.root()

    def host_tensor(self, expression: str, type_: TensorType, span: Span) -> Any:
        return self._from_host(host_tensor, expression, type_, span)

    def host_number(self, expression: str, type_: NumberType, span: Span) -> Any:
        return self._from_host(host_number, expression, NumberType(type_.kind, None, Region.DEVICE), span)

    def size(self, dim: Dim, span: Span) -> Any:
        return self._from_host(size, dim, NumberType(int, dim, Region.DEVICE), span)

    def tunable(self, tunable: Tunable, span: Span) -> Any:
        return self._from_host(size, tunable.symbol, NumberType(tunable.kind, None, Region.DEVICE), span)

    def _from_host(self, target: Callable[..., Any], key: Any, type_: Type, span: Span) -> Any:
        """One node a kernel argument, in the outermost graph, lifted to here."""
        root = self.root()
        if (target, key) not in root._host_values:
            first = next((n for n in root.graph.nodes if n.target not in (host_tensor, host_number, size)), None)
            if first is None:
                node = root.node(target, (key,), {}, type_, span, name=str(key))
            else:
                with root.graph.inserting_before(first):
                    node = root.node(target, (key,), {}, type_, span, name=str(key))
            root._host_values[(target, key)] = node
        return self._lift_through(root._host_values[(target, key)])

    def _lift_through(self, node: fx.Node) -> Any:
        if node.graph is self.graph:
            return node
        assert self.parent is not None
        self.parent._lift_through(node)
        return self.lift(node)

    def as_node(self, value: Any, type_: Type, span: Span) -> Any:
        """A value that control flow can carry: Python numbers become scalar nodes."""
        if isinstance(value, int | float | bool):
            return self.node(scalar, (value,), {}, type_, span)
        return self.lift(value)

    def finish(self, index: int, outputs: tuple[Any, ...]) -> Graph:
        self.graph.output(outputs)
        return Graph(index, self.kind, self.graph)
