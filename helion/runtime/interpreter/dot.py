"""Matrix products that Triton's interpreter gets wrong or lacks: bfloat16, which it keeps as 16 bits and multiplies as integers, and
microscaled operands."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
import triton.language as tl
from triton.runtime import interpreter

from helion.ops.dot_scaled import run_dot_scaled

_TORCH_DTYPES = {tl.float8e4nv: torch.float8_e4m3fn, tl.float8e5: torch.float8_e5m2, tl.bfloat16: torch.bfloat16}


def _as_float32(handle: Any) -> Any:
    """A handle of bfloat16 bits as one of float32; any other handle as it is."""
    if handle.dtype.scalar != tl.bfloat16 or handle.data.dtype != np.uint16:
        return handle
    widened = (handle.data.astype(np.uint32) << 16).view(np.float32)
    return interpreter.TensorHandle(widened, tl.float32)


def _as_torch(value: Any) -> Any:
    """An interpreted tensor as torch's, of the dtype that its bits stand for; None as it is."""
    if value is None:
        return None
    data = torch.as_tensor(np.ascontiguousarray(value.handle.data))
    return data.view(_TORCH_DTYPES.get(value.handle.dtype.scalar, data.dtype))


def _dot_scaled(lhs: Any, lhs_scale: Any, lhs_format: Any, rhs: Any, rhs_scale: Any, rhs_format: Any, acc: Any, *options: Any) -> Any:
    formats = [getattr(format_, "value", format_) for format_ in (lhs_format, rhs_format)]
    operands = [_as_torch(value) for value in (lhs, lhs_scale, rhs, rhs_scale)]
    product = run_dot_scaled(operands[0], operands[1], formats[0], operands[2], operands[3], formats[1]).numpy()
    total = product if acc is None else product + acc.handle.data
    return tl.tensor(interpreter.TensorHandle(total, tl.float32), tl.block_type(tl.float32, list(total.shape)))


@cache
def correct_interpreter_dot() -> None:
    """Make the interpreter widen bfloat16 operands first and know `tl.dot_scaled`; done once a process, only where it is in use."""
    builder: Any = interpreter.interpreter_builder
    original = builder.create_dot

    def create_dot(a: Any, b: Any, d: Any, *options: Any) -> Any:
        return original(_as_float32(a), _as_float32(b), d, *options)

    builder.create_dot = create_dot
    untyped: Any = interpreter
    untyped.interpreter_semantic.dot_scaled = _dot_scaled
