"""One step of an element's function in, the text of the hardware's approximation of it out, where the setting `fast_math` asks for it."""

from __future__ import annotations

import re
from types import MappingProxyType

import torch

from helion.codegen.vendor_functions import available
from helion.device_ir.element_code import Step
from helion.target import Target

# What `tl.sin` and the like compile to is exact to a few units in the last place, with branches for large arguments; these are one or
# two instructions of the special function unit. `tl.exp` and `tl.rsqrt` are such already.
_SHARED = MappingProxyType({"tl.sqrt_rn": "tl.sqrt"})
_NVIDIA = MappingProxyType(
    {
        **_SHARED,
        "tl.sin": "libdevice.fast_sinf",
        "tl.cos": "libdevice.fast_cosf",
        "libdevice.tan": "libdevice.fast_tanf",
        "tl.log": "libdevice.fast_logf",
        "tl.log2": "libdevice.fast_log2f",
        "libdevice.log10": "libdevice.fast_log10f",
        "libdevice.pow": "libdevice.fast_powf",
    }
)
_CALL = re.compile(r"\b(?:tl|libdevice)\.\w+(?=\()")
_SIGMOID = re.compile(r"tl\.sigmoid\((\{\w+\})\)")


def faster(step: Step, target: Target) -> str:
    """The step's template with approximations for the functions of float32 that have one."""
    plain = available(step, target)
    if step.dtype != torch.float32:
        return plain
    known = _NVIDIA if target.vendor == "cuda" else _SHARED
    text = _SIGMOID.sub(r"libdevice.fast_dividef(1.0, 1.0 + tl.exp(-(\1)))", plain)
    return _CALL.sub(lambda match: known.get(match[0], match[0]), text)
