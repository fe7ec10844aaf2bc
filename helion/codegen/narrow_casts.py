"""A cast of integers of a few bits to 16-bit floats in, one that takes no conversion out: their bits are put into a number's mantissa.

A number `2**m + u` whose mantissa has m bits is the bits of `2**m` with those of `u` below; subtracting `2**m` again is exact. Compiled for
sm_90, a round of int4_gemm in tiles of 256 by 128 has 199 instructions so, and 318 with casts: the compiler then sees that bits that were
shifted in are not needed.

Operands of 16 bits, which no 16-bit float's mantissa holds, go through that of float32, and are rounded once, as a conversion rounds.
That takes more instructions than the conversion, but none of those that run at a part of the rate: bf16xint16 on an H200, by config,
330 µs and 341, 335 and 353, 367 and 387.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import CAST
from helion.device_ir.value_ranges import value_range
from helion.types.dtypes import triton_name
from helion.types.types import TensorType

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody


@dataclass(frozen=True)
class _Float:
    """The bits of the power of two from which on neighbours differ by 1, and that number's exponent."""

    bits: int
    mantissa: int


_FLOATS = {torch.bfloat16: _Float(0x4300, 7), torch.float16: _Float(0x6400, 10)}
_FLOAT32 = _Float(0x4B000000, 23)
_WIDE_BYTES = 2


def narrow_cast(body: KernelBody, node: fx.Node) -> str | None:
    """The text of a cast node; None where an ordinary cast is as good. Triton for AMD has no arithmetic of its own for these dtypes."""
    if node.target is not CAST or body.target.vendor != "cuda":
        return None
    source, result = node.args[0], info_of(node).type
    if not isinstance(source, fx.Node) or not isinstance(result, TensorType) or result.dtype not in _FLOATS:
        return None
    values, form = value_range(source), _FLOATS[result.dtype]
    if values is None or not body.physical_dims(result.dims):
        return None
    low, high = min(values[0], 0), values[1]
    name, is_wide = triton_name(result.dtype), not _holds(form, low, high)
    if is_wide:
        form = _FLOAT32
        if not (_is_operand_of_16_bits(body, source) and _holds(form, low, high)):
            return None
    word, float_name = ("tl.int32", "tl.float32") if is_wide else ("tl.int16", name)
    number = f"({_above_zero(f'{body.text(source)}.to({word})', low, high, form.bits)}).to({float_name}, bitcast=True)"
    return f"({number} - {float((1 << form.mantissa) - low)}).to({name})"


def _holds(form: _Float, low: int, high: int) -> bool:
    return high - low < 1 << form.mantissa and max(-low, high) <= 1 << form.mantissa


def _is_operand_of_16_bits(body: KernelBody, source: fx.Node) -> bool:
    """Whether tensor cores may wait for the cast. Elsewhere memory is what takes the time."""
    type_ = info_of(source).type
    is_wide = isinstance(type_, TensorType) and type_.dtype is not None and type_.dtype.itemsize == _WIDE_BYTES
    return is_wide and bool(body.ir.dot_dims)


def _above_zero(word: str, low: int, high: int, bits: int) -> str:
    """`word - low`, which is not negative, with `bits` above it."""
    span = high - low + 1
    if low == -span // 2 and span & (span - 1) == 0:
        return f"({word} & {span - 1}) ^ {bits | span // 2}"
    return f"{word if low == 0 else f'({word} + {-low})'} | {bits}"
