"""A kernel of many functions, what it computes, and that a setting leaves its results alone; runs where Triton interprets."""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl


def mixture(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        v = x[tile]
        near = torch.sin(v) + torch.cos(v) * torch.tan(v) + torch.sigmoid(v)
        out[tile] = near + torch.log(v) + torch.log2(v) + torch.log10(v) + torch.pow(v, 1.7) + torch.sqrt(v)
    return out


def shifted(x: torch.Tensor, by: int) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] + by
    return out


def mixture_of(v: torch.Tensor) -> torch.Tensor:
    near = torch.sin(v) + torch.cos(v) * torch.tan(v) + torch.sigmoid(v)
    return near + torch.log(v) + torch.log2(v) + torch.log10(v) + torch.pow(v, 1.7) + torch.sqrt(v)


def check_results(setting: str) -> None:
    x = torch.rand(200) + 0.5
    options: dict[str, Any] = {setting: True, "static_shapes": False, "autotune_effort": "none"}
    torch.testing.assert_close(helion.kernel(mixture, **options)(x), mixture_of(x))
