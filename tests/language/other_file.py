"""Functions of another file than the kernel's: their defaults, and what they call `hl`, are of their own file."""

from __future__ import annotations

import torch

import helion.language as hl

_FACTOR, _SHIFT = 3.0, {"by": 2}


def scaled(v: torch.Tensor, factor: float = _FACTOR, *, shift: int = _SHIFT["by"]) -> torch.Tensor:
    """`v` times a factor, and a shift more."""
    return v * factor + shift


def above(v: torch.Tensor, table: torch.Tensor, row: int = 1) -> torch.Tensor:
    """`v` less what `table` has at `row`, and 0 where that is negative."""
    return torch.maximum(v - hl.load(table, [row]), hl.zeros([]))
