"""Casts of integers whose range is known to 16-bit floats, for each form that such a range can have, checked for every value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

import helion
import helion.language as hl
from helion.runtime.bound_kernel import BoundKernel
from helion.testing import DEVICE

IN_MANTISSA = "bitcast=True"
FORMS: dict[str, Callable[[Any], Any]] = {
    "a shift": lambda v: v >> 4,
    "a sign extended": lambda v: (v << 4) >> 4,
    "a mask": lambda v: v & 15,
    "a mask less its middle": lambda v: (v & 15) - 8,
    "a mask and some more": lambda v: (v & 63) + 3,
    "a range that is no power of two": lambda v: (v & 60) - 60,
    "a shift and some more": lambda v: (v >> 4) + 7,
    "the widest": lambda v: v & 127,
    "one wider": lambda v: v & 255,
    "far from zero": lambda v: (v & 15) - 120,
    "by way of another dtype": lambda v: (v.to(torch.int32) & 7) - 4,
}


@helion.kernel(autotune_effort="none")
def cast(x: torch.Tensor, out: torch.Tensor, form: hl.constexpr) -> torch.Tensor:
    for tile in hl.tile(x.size(0)):
        out[tile] = form(x[tile]).to(out.dtype)
    return out


@helion.kernel(autotune_effort="none")
def product_with_cast(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, k = x.size()
    _, n = y.size()
    out = torch.empty([m, n], dtype=y.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = hl.dot(x[tile_m, tile_k].to(y.dtype), y[tile_k, tile_n], acc=acc)
        out[tile_m, tile_n] = acc.to(y.dtype)
    return out


def all_of_16_bits(dtype: torch.dtype) -> torch.Tensor:
    limits = torch.iinfo(dtype)
    return torch.arange(limits.min, limits.max + 1, device=DEVICE).to(dtype).reshape(-1, 64)


def check_operands() -> None:
    """Every operand of 16 bits, times one: rounded as torch rounds. The largest uint16 are infinite as float16."""
    for source, result in ((torch.int16, torch.bfloat16), (torch.uint16, torch.bfloat16), (torch.int16, torch.float16)):
        x, one = all_of_16_bits(source), torch.eye(64, device=DEVICE, dtype=result)
        bound = product_with_cast.bind((x, one))
        assert isinstance(bound, BoundKernel)
        assert IN_MANTISSA in bound.to_triton_code(), f"{source} to {result}"
        assert torch.equal(product_with_cast(x, one), x.to(torch.int32).to(result)), f"{source} to {result}"


def check_casts() -> None:
    """As torch casts them, which bfloat16 mostly and float16 always does by way of the mantissa."""
    for dtype in (torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64):
        limits = torch.iinfo(dtype)
        x = torch.arange(max(limits.min, -1000), min(limits.max, 1000) + 1, device=DEVICE).to(dtype)
        for result in (torch.bfloat16, torch.float16):
            for name, form in FORMS.items():
                out = torch.empty_like(x, dtype=result)
                found = cast(x, out, form)
                assert torch.equal(found, form(x).to(result)), f"{name}, {dtype} to {result}"


def text_of(form: str, source: torch.dtype, result: torch.dtype) -> str:
    """The generated code of one cast."""
    x = torch.empty(64, dtype=source, device=DEVICE)
    bound = cast.bind((x, torch.empty_like(x, dtype=result), FORMS[form]))
    assert isinstance(bound, BoundKernel)
    return bound.to_triton_code()


def check_texts() -> None:
    """Where the mantissa holds the range, and nowhere else."""
    for form in FORMS:
        assert (IN_MANTISSA in text_of(form, torch.int8, torch.bfloat16)) == (form != "one wider"), form
        assert IN_MANTISSA in text_of(form, torch.int8, torch.float16), form
        assert IN_MANTISSA not in text_of(form, torch.int8, torch.float32), form
    assert IN_MANTISSA not in text_of("a shift", torch.int16, torch.bfloat16)
