"""Kernels whose tiles reduce whole rows."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F

import helion
import helion.language as hl


@helion.kernel(autotune_effort="none")
def of_rows(x: torch.Tensor, function: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    """One number a row."""
    out = torch.empty([x.size(0)], dtype=x.dtype, device=x.device)
    for tile in hl.tile(x.size(0)):
        out[tile] = function(x[tile, :])
    return out


@helion.kernel(autotune_effort="none")
def along_rows(x: torch.Tensor, function: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    """A row for a row."""
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = function(x[tile, :])
    return out


@helion.kernel(autotune_effort="none")
def rms_norm(x: torch.Tensor, weight: torch.Tensor, eps: float = 1e-5) -> tuple[torch.Tensor, torch.Tensor]:
    m = x.size(0)
    out = torch.empty_like(x)
    scales = torch.empty([m], dtype=torch.float32, device=x.device)
    for tile in hl.tile(m):
        v = x[tile, :].to(torch.float32)
        scale = torch.rsqrt(v.pow(2).mean(-1) + eps)
        out[tile, :] = (v * scale[:, None] * weight[:].to(torch.float32)).to(out.dtype)
        scales[tile] = scale
    return out, scales


def rms_norm_in_torch(x: torch.Tensor, weight: torch.Tensor, eps: float = 1e-5) -> tuple[torch.Tensor, torch.Tensor]:
    v = x.float()
    scale = torch.rsqrt(v.pow(2).mean(-1) + eps)
    return (v * scale[:, None] * weight.float()).to(x.dtype), scale


@helion.kernel(autotune_effort="none")
def layer_norm(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        v = x[tile, :].to(torch.float32)
        mean = v.mean(-1, keepdim=True)
        centred = v - mean
        scale = torch.rsqrt((centred * centred).mean(-1, keepdim=True) + eps)
        out[tile, :] = (centred * scale * weight[None, :] + bias[None, :]).to(out.dtype)
    return out


def layer_norm_in_torch(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    return F.layer_norm(x.float(), [x.size(1)], weight.float(), bias.float(), eps).to(x.dtype)


@helion.kernel(autotune_effort="none")
def cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    losses = torch.empty([logits.size(0)], dtype=torch.float32, device=logits.device)
    for tile in hl.tile(logits.size(0)):
        row = logits[tile, :].to(torch.float32)
        picked = row.gather(1, labels[tile][:, None])
        losses[tile] = torch.logsumexp(row, -1) - picked.squeeze(1)
    return losses


def cross_entropy_in_torch(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return F.cross_entropy(logits.float(), labels, reduction="none")


@helion.kernel(autotune_effort="none", dot_precision="ieee")
def product(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(1)], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile(out.size()):
        out[tile_m, tile_n] = torch.relu(x[tile_m, :] @ y[:, tile_n])
    return out


def product_in_torch(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.relu(x @ y)
