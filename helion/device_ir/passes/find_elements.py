"""Asks for the code of every node that TorchInductor must give, so that one without any is a diagnostic before a config is chosen."""

from __future__ import annotations

from torch import fx
from torch._ops import OpOverload

from helion.device_ir.calls import LoweringFailed
from helion.device_ir.element_code import NotPointwise
from helion.device_ir.element_programs import program_of
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.device_ir.late_inductor import InductorAdapter
from helion.ops.table import OPS
from helion.types.types import TensorType


def find_elements(ir: DeviceIR) -> DeviceIR:
    """The same IR. Raises LoweringFailed. The answers are kept: code generation asks again."""
    for graph in ir.graphs:
        for node in graph.graph.nodes:
            if node.op == "call_function" and _is_elementwise(node):
                _find(node, ir.inductor)
    return ir


def _is_elementwise(node: fx.Node) -> bool:
    op = OPS.find(node.target)
    return isinstance(node.target, OpOverload) and (op is None or op.emit is None)


def _find(node: fx.Node, inductor: InductorAdapter) -> None:
    if not isinstance(info_of(node).type, TensorType):
        raise LoweringFailed(info_of(node).span, str(node.target), "it gives several values, and is no op of the language")
    try:
        program_of(node, inductor)
    except NotPointwise as problem:
        raise LoweringFailed(info_of(node).span, str(node.target), str(problem)) from problem
