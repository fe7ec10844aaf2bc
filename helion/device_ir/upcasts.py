"""Operands of a product in, how narrow the elements are that they were widened from out: Triton lays out registers by that."""

from __future__ import annotations

from collections.abc import Iterable

from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.ops.table import OPS
from helion.types.types import TensorType

_WIDEST = 64


def narrowest_bits(ir: DeviceIR, operands: Iterable[fx.Node]) -> int:
    """The bits of the narrowest elements loaded on the way to any operand, halved where two values are joined into one.

    What comes from outside the loop may be made of anything that the kernel loads.
    """
    found, joined = _WIDEST, False
    seen: set[fx.Node] = set()
    pending = list(operands)
    while pending:
        node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        found = min(found, _bits(node))
        op = OPS.find(node.target) if node.op == "call_function" else None
        if node.op == "placeholder":
            found = min([found, *(_bits_of(site.tensor) for site in ir.memory_sites if site.kind == "load")])
        elif op is not None and op.requires is not None:
            continue
        joined = joined or (op is not None and op.accesses is None and _puts_together(node))
        pending.extend(node.all_input_nodes)
    return found // 2 if joined else found


def _puts_together(node: fx.Node) -> bool:
    """Whether an operation of ours, which is no element's arithmetic, makes one value of several, or of packed ones."""
    inputs = [t for n in node.all_input_nodes if isinstance(t := info_of(n).type, TensorType)]
    result = info_of(node).type
    return len(inputs) > 1 or (isinstance(result, TensorType) and any(t.dtype != result.dtype for t in inputs))


def _bits(node: fx.Node) -> int:
    """Of a loaded value; masks are values of one bit that are no elements of memory."""
    op = OPS.find(node.target) if node.op == "call_function" else None
    type_ = info_of(node).type if op is not None and op.accesses is not None else None
    return _bits_of(type_) if isinstance(type_, TensorType) else _WIDEST


def _bits_of(type_: TensorType) -> int:
    return _WIDEST if type_.dtype is None else 8 * type_.dtype.itemsize
