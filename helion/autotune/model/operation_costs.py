"""An elementwise operation in, what it costs a lane out: simple operations and uses of the transcendental unit; estimates by hand."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

# (simple, special): from the instruction sequences that Triton's libdevice and fast paths expand to on NVIDIA.
_COSTS = MappingProxyType(
    {
        "exp": (1.0, 1.0),
        "exp2": (0.5, 1.0),
        "expm1": (8.0, 1.0),
        "log": (1.0, 1.0),
        "log2": (0.5, 1.0),
        "log1p": (10.0, 1.0),
        "sigmoid": (4.0, 2.0),
        "tanh": (10.0, 2.0),
        "erf": (18.0, 1.0),
        "gelu": (22.0, 1.0),
        "silu": (5.0, 2.0),
        "rsqrt": (1.0, 1.0),
        "sqrt": (4.0, 1.0),
        "reciprocal": (4.0, 1.0),
        "div": (6.0, 1.0),
        "sin": (12.0, 1.0),
        "cos": (12.0, 1.0),
        "pow": (12.0, 2.0),
        "remainder": (12.0, 1.0),
        "where": (1.0, 0.0),
        "view": (0.0, 0.0),
        "clone": (0.0, 0.0),
        "full": (0.0, 0.0),
    }
)
_USUAL = (1.0, 0.0)


def cost_of(target: Any) -> tuple[float, float]:
    """`(simple, special)` operations a lane, by the name of a torch operator."""
    name = str(getattr(target, "overloadpacket", target)).rpartition(".")[2]
    return _COSTS.get(name, _USUAL)
