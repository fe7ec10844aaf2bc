"""Small kernels for tests of calls."""

from __future__ import annotations

from collections.abc import Callable

import torch

import helion
import helion.language as hl

SCALE = 2.0
OFFSETS = torch.arange(8, dtype=torch.float32)


def scaled(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * SCALE
    return out


def shifted(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] + OFFSETS[tile]
    return out


def times(x: torch.Tensor, factor: float = 3.0) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * factor
    return out


def baked_times(x: torch.Tensor, factor: hl.constexpr) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * factor
    return out


def applied(x: torch.Tensor, function: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = function(x[tile])
    return out


def row_dots(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0)], dtype=x.dtype, device=x.device)
    for tile in hl.tile(x.size(0)):
        out[tile] = (x[tile, :] * y[tile, :]).sum(-1)
    return out


def row_mean(x: torch.Tensor) -> torch.Tensor:
    n = hl.specialize(x.size(1))
    out = torch.empty([x.size(0)], dtype=x.dtype, device=x.device)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile, :].sum(-1) / n
    return out


def broken(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] + missing  # noqa: F821 - the error under test
    return out


def plain(function: Callable[..., torch.Tensor], **options: object) -> helion.Kernel:
    """The function as a kernel that takes its default config."""
    return helion.kernel(function, **{"autotune_effort": "none", **options})
