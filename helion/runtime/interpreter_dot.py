"""Matrix products of bfloat16 in Triton's interpreter, which keeps bfloat16 as its 16 bits and multiplies those as integers."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import triton.language as tl
from triton.runtime import interpreter


def _as_float32(handle: Any) -> Any:
    """A handle of bfloat16 bits as one of float32; any other handle as it is."""
    if handle.dtype.scalar != tl.bfloat16 or handle.data.dtype != np.uint16:
        return handle
    widened = (handle.data.astype(np.uint32) << 16).view(np.float32)
    return interpreter.TensorHandle(widened, tl.float32)


@cache
def correct_interpreter_dot() -> None:
    """Make the interpreter's builder widen bfloat16 operands first; done once a process, only where the interpreter is in use."""
    builder: Any = interpreter.interpreter_builder
    original = builder.create_dot

    def create_dot(a: Any, b: Any, d: Any, *options: Any) -> Any:
        return original(_as_float32(a), _as_float32(b), d, *options)

    builder.create_dot = create_dot
