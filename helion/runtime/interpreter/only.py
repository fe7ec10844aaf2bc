"""A checked kernel in, what of it only Python could run out; nothing where Triton's interpreter runs it."""

from __future__ import annotations

from helion.diagnostics.diagnostic import Diagnostic
from helion.runtime.environment import is_triton_interpreter
from helion.typecheck.interpreted_only import interpreted_only as all_interpreted_only
from helion.typed_kernel import tree


def interpreted_only(kernel: tree.TypedKernel) -> tuple[Diagnostic, ...]:
    """Nothing under Triton's interpreter."""
    return () if is_triton_interpreter() else all_interpreted_only(kernel)
