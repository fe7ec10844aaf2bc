"""Numbers of bfloat16 in Triton's interpreter, which keeps 16 bits, computes with those, makes no constants, cuts off digits."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import triton.language as tl
from triton.runtime import interpreter


def widened(bits: Any) -> Any:
    """Bits of bfloat16 as float32."""
    return (np.asarray(bits).astype(np.uint32) << 16).view(np.float32)


def narrowed(wide: Any) -> Any:
    """Float32 as the bits of the nearest bfloat16, ties to even."""
    bits = np.asarray(wide, dtype=np.float32).view(np.uint32)
    rounded = ((bits.astype(np.uint64) + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
    return np.where(np.isnan(wide), np.uint16(0x7FC0), rounded)


@cache
def correct_interpreter_bfloat16() -> None:
    """Done once a process, only where the interpreter is in use: constants of bfloat16, arithmetic, and rounding to it as GPUs do."""
    builder: Any = interpreter.interpreter_builder

    def get_bf16(value: Any) -> Any:
        return interpreter.TensorHandle(np.array([narrowed(value)], dtype=np.uint16), tl.bfloat16)

    original = builder.cast_impl

    def cast_impl(source: Any, target: Any) -> Any:
        before, after = source.dtype.scalar, target.scalar
        if after == tl.bfloat16 and before != tl.bfloat16:
            return interpreter.TensorHandle(narrowed(source.data.astype(np.float32)), tl.bfloat16)
        if before == tl.bfloat16 and after not in (tl.bfloat16, tl.float32):
            return original(interpreter.TensorHandle(widened(source.data), tl.float32), target)
        return original(source, target)

    compute = builder.binary_op

    def binary_op(left: Any, right: Any, op: Callable[[Any, Any], Any]) -> Any:
        if left.dtype.scalar != tl.bfloat16:
            return compute(left, right, op)
        found = op(widened(left.data), widened(right.data))
        return interpreter.TensorHandle(found if found.dtype == np.bool_ else narrowed(found), tl.bfloat16)

    builder.binary_op = binary_op
    builder.get_bf16 = get_bf16
    builder.cast_impl = cast_impl
