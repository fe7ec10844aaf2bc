"""A node that runs other graphs in, those graphs and what their placeholders stand for out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import fx

from helion.device_ir.ir import DeviceIR
from helion.device_ir.structure import branch, loop, repeat


def nested_graphs(ir: DeviceIR, node: fx.Node) -> Iterator[tuple[int, dict[fx.Node, Any]]]:
    """The graphs that a node runs, in order; for each the value that a placeholder has when it first runs."""
    args: Any = node.args
    if node.target is loop:
        yield args[0], _bound(ir, args[0], (*args[6], *args[5]))
    elif node.target is branch:
        yield args[1], _bound(ir, args[1], args[3])
        yield args[2], _bound(ir, args[2], args[4])
    elif node.target is repeat:
        yield args[0], _bound(ir, args[0], (*args[4], *args[2]))
        yield args[1], _bound(ir, args[1], (*args[4], *args[3]))


def _bound(ir: DeviceIR, graph: int, values: tuple[Any, ...]) -> dict[fx.Node, Any]:
    placeholders = (n for n in ir.graphs[graph].graph.nodes if n.op == "placeholder")
    return dict(zip(placeholders, values, strict=False))
