"""Device IR in, readable text out: each graph's nodes with their types, then the sites."""

from __future__ import annotations

from typing import Any

from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.types.types import Axis
from helion.types.untyped import is_sequence


def print_ir(ir: DeviceIR) -> str:
    """One line a node."""
    lines: list[str] = []
    for graph in ir.graphs:
        lines.append(f"graph {graph.index} ({graph.kind})")
        lines.extend(f"  {_line(node)}" for node in graph.graph.nodes)
    lines.extend(f"site {s.index}: {s.name}" for s in ir.memory_sites)
    lines.extend(f"loop {s.index}: {s.name}{' (grid)' if s.is_grid else ''}" for s in ir.loop_sites)
    lines.extend(f"reduction {s.index}: {s.name}, {'loopable' if s.can_loop else 'held whole'}" for s in ir.reduction_sites)
    return "\n".join(lines)


def _line(node: fx.Node) -> str:
    if node.op == "output":
        return f"return {_text(node.args[0])}"
    info = info_of(node)
    if node.op == "placeholder":
        return f"{node.name}: {info.type}"
    target = getattr(node.target, "__name__", str(node.target))
    args = ", ".join([*map(_text, node.args), *(f"{k}={_text(v)}" for k, v in node.kwargs.items())])
    past = "" if info.known_past is None else f" past {', '.join(map(str, info.known_past)) or 'none'}"
    lanes = "" if info.invalid_lanes is None else f"  (lanes outside{past}: {info.invalid_lanes})"
    return f"{node.name}: {info.type} = {target}({args}){lanes}"


def _text(value: Any) -> str:
    match value:
        case fx.Node():
            return value.name
        case Axis(name=name):
            return name
        case slice(start=None, stop=None, step=None):
            return ":"
        case _ if is_sequence(value):
            return f"({', '.join(map(_text, value))})"
        case _:
            return str(value)
