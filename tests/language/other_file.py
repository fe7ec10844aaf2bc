"""A function of another file than the kernel's, whose defaults are of its own file."""

from __future__ import annotations

import torch

_FACTOR, _SHIFT = 3.0, {"by": 2}


def scaled(v: torch.Tensor, factor: float = _FACTOR, *, shift: int = _SHIFT["by"]) -> torch.Tensor:
    """`v` times a factor, and a shift more."""
    return v * factor + shift
