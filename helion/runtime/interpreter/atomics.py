"""Atomics that Triton's interpreter lacks or gets wrong: reductions through descriptors, and sums of bfloat16, which it keeps as bits."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import numpy as np
import triton.language as tl
from triton._C import libtriton
from triton.runtime import interpreter

from helion.runtime.interpreter.bfloat16 import narrowed, widened

# The extension module has no stub.
ir = cast("Any", libtriton).ir
_KINDS: Mapping[Any, tuple[str, str]] = {
    ir.DESCRIPTOR_REDUCE_KIND.ADD: ("ADD", "FADD"),
    ir.DESCRIPTOR_REDUCE_KIND.MIN: ("MIN", "UMIN"),
    ir.DESCRIPTOR_REDUCE_KIND.MAX: ("MAX", "UMAX"),
    ir.DESCRIPTOR_REDUCE_KIND.AND: ("AND", "AND"),
    ir.DESCRIPTOR_REDUCE_KIND.OR: ("OR", "OR"),
    ir.DESCRIPTOR_REDUCE_KIND.XOR: ("XOR", "XOR"),
}


@cache
def correct_interpreter_atomics() -> None:
    """Done once a process, only where the interpreter is in use."""
    builder: Any = interpreter.interpreter_builder
    original = builder.create_atomic_rmw

    def create_atomic_rmw(operation: Any, pointer: Any, value: Any, mask: Any, sem: Any, scope: Any) -> Any:
        if operation == ir.ATOMIC_OP.FADD and value.dtype.scalar == tl.bfloat16:
            return _add_bfloat16(pointer, value, mask)
        return original(operation, pointer, value, mask, sem, scope)

    def create_descriptor_reduce(kind: Any, descriptor: Any, value: Any, indices: Any) -> Any:
        pointers, inside = descriptor.materialize_pointers(indices)
        scalar = value.dtype.scalar
        plain, other = _KINDS[kind]
        is_other = scalar.is_floating() if plain == "ADD" else scalar.is_int_unsigned()
        operation = getattr(ir.ATOMIC_OP, other if is_other else plain)
        mask = interpreter.TensorHandle(inside, tl.int1)
        return create_atomic_rmw(operation, pointers, value, mask, ir.MEM_SEMANTIC.RELAXED, None)

    builder.create_atomic_rmw = create_atomic_rmw
    builder.create_descriptor_reduce = create_descriptor_reduce


def _add_bfloat16(pointer: Any, value: Any, mask: Any) -> Any:
    before = np.zeros_like(value.data)
    for position in np.ndindex(value.data.shape):
        if mask.data[position]:
            cell = ctypes.c_uint16.from_address(int(pointer.data[position]))
            before[position] = cell.value
            cell.value = int(narrowed(widened(before[position]) + widened(value.data[position])))
    return interpreter.TensorHandle(before, value.dtype.scalar)
