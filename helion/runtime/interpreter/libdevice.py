"""libdevice for Triton's interpreter, which has none: each function computed by torch on the interpreter's NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import triton.language as tl

_SPECIAL: Any = torch.special  # without type stubs
_SPELLINGS: dict[str, Callable[..., Any]] = {
    "expm1": torch.expm1,
    "log1p": torch.log1p,
    "tan": torch.tan,
    "tanh": torch.tanh,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "asin": torch.asin,
    "acos": torch.acos,
    "atan": torch.atan,
    "asinh": torch.asinh,
    "acosh": torch.acosh,
    "atanh": torch.atanh,
    "atan2": torch.atan2,
    "erfc": torch.erfc,
    "erfinv": torch.erfinv,
    "lgamma": torch.lgamma,
    "log10": torch.log10,
    "pow": torch.pow,
    "fmod": torch.fmod,
    "hypot": torch.hypot,
    "copysign": torch.copysign,
    "nextafter": torch.nextafter,
    "trunc": torch.trunc,
    "nearbyint": torch.round,
    "rint": torch.round,
    "isnan": torch.isnan,
    "isinf": torch.isinf,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "rsqrt": torch.rsqrt,
    "floor": torch.floor,
    "ceil": torch.ceil,
    "sin": torch.sin,
    "cos": torch.cos,
    "erf": torch.erf,
    "signbit": torch.signbit,
    "mul_rn": torch.mul,
    "ldexp": torch.ldexp,
    "fast_dividef": torch.div,
    "fast_sinf": torch.sin,
    "fast_cosf": torch.cos,
    "fast_tanf": torch.tan,
    "fast_logf": torch.log,
    "fast_log2f": torch.log2,
    "fast_log10f": torch.log10,
    "fast_powf": torch.pow,
    "erfcx": _SPECIAL.erfcx,
    "cyl_bessel_i0": _SPECIAL.modified_bessel_i0,
    "cyl_bessel_i1": _SPECIAL.modified_bessel_i1,
    "j0": _SPECIAL.bessel_j0,
    "j1": _SPECIAL.bessel_j1,
    "y0": _SPECIAL.bessel_y0,
    "y1": _SPECIAL.bessel_y1,
}


class InterpretedLibdevice:
    """Stands for the `libdevice` module inside a generated module."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = _SPELLINGS.get(name)
        if function is None:
            raise AttributeError(f"libdevice.{name} is not known to the interpreter")
        return lambda *args: _apply(function, args)


def _apply(function: Callable[..., torch.Tensor], args: tuple[Any, ...]) -> Any:
    """Call torch on the arrays of interpreter tensors; the result is like the first of them, in the shape of all."""
    like = next(a for a in args if hasattr(a, "handle"))
    values = [torch.as_tensor(a.handle.data.copy()) if hasattr(a, "handle") else torch.tensor(a) for a in args]
    result = function(*values).numpy()
    handle = type(like.handle)(result.astype(like.handle.data.dtype), like.handle.dtype)
    return type(like)(handle, like.type if result.shape == like.handle.data.shape else tl.block_type(like.dtype, [*result.shape]))
