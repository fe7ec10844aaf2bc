"""A checked kernel in, a diagnostic for each call in its device code that needs Python to run it out; whether Python does is not asked."""

from __future__ import annotations

from helion.diagnostics.catalog.python import BreakpointNeedsInterpreter
from helion.ops.table import OPS
from helion.typed_kernel import tree
from helion.typed_kernel.queries import walk_body


def interpreted_only(kernel: tree.TypedKernel) -> tuple[BreakpointNeedsInterpreter, ...]:
    device = (statement for statement in kernel.body if not isinstance(statement, tree.HostStatement))
    calls = (expr for expr in walk_body(device) if isinstance(expr, tree.Call))
    found = ((call, OPS.find(call.target)) for call in calls)
    return tuple(BreakpointNeedsInterpreter(call.span) for call, op in found if op is not None and op.needs_interpreter)
