"""Numbers of bfloat16 in Triton's interpreter, which keeps them as 16 bits in arrays of integers and cannot make one from a constant."""

from __future__ import annotations

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
    """Make the interpreter's builder know constants of bfloat16; done once a process, only where the interpreter is in use."""
    builder: Any = interpreter.interpreter_builder

    def get_bf16(value: Any) -> Any:
        return interpreter.TensorHandle(np.array([narrowed(value)], dtype=np.uint16), tl.bfloat16)

    builder.get_bf16 = get_bf16
