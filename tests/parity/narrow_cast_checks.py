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
