"""Conversions to and from 8-bit floats in Triton's interpreter, which loses the carry when rounding reaches the next power of two."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
import triton.language as tl
from triton.runtime import interpreter

from helion.runtime.interpreter.bfloat16 import narrowed, widened

_FLOAT8 = {tl.float8e4nv: torch.float8_e4m3fn, tl.float8e5: torch.float8_e5m2}
_PLAIN = {tl.float16: np.float16, tl.float32: np.float32, tl.float64: np.float64}


def _to_float8(wide: Any, dtype: torch.dtype) -> Any:
    """Float32 as the bits of the nearest 8-bit float, ties to even; what is too large becomes the largest, as on GPUs."""
    largest = torch.finfo(dtype).max
    values = torch.as_tensor(np.ascontiguousarray(wide, dtype=np.float32)).clamp(-largest, largest)
    return values.to(dtype).view(torch.uint8).numpy()


def _from_float8(bits: Any, dtype: torch.dtype) -> Any:
    return torch.as_tensor(np.ascontiguousarray(bits, dtype=np.uint8)).view(dtype).float().numpy()


@cache
def correct_interpreter_float8() -> None:
    """Done once a process, only where the interpreter is in use."""
    builder: Any = interpreter.interpreter_builder
    original = builder.create_fp_to_fp

    def create_fp_to_fp(source: Any, target: Any, rounding_mode: Any) -> Any:
        before, after = source.dtype.scalar, target.scalar
        if after in _FLOAT8 and (before == tl.bfloat16 or before in _PLAIN):
            wide = widened(source.data) if before == tl.bfloat16 else source.data
            return interpreter.TensorHandle(_to_float8(wide, _FLOAT8[after]), after)
        if before in _FLOAT8 and (after == tl.bfloat16 or after in _PLAIN):
            wide = _from_float8(source.data, _FLOAT8[before])
            return interpreter.TensorHandle(narrowed(wide) if after == tl.bfloat16 else wide.astype(_PLAIN[after]), after)
        return original(source, target, rounding_mode)

    builder.create_fp_to_fp = create_fp_to_fp
