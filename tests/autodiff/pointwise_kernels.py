"""Kernels whose tiles compute element by element."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F

import helion
import helion.language as hl

BASE = 0.75


@helion.kernel(autotune_effort="none")
def unary(x: torch.Tensor, function: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(out.size()):
        out[tile] = function(x[tile])
    return out


@helion.kernel(autotune_effort="none")
def binary(x: torch.Tensor, y: torch.Tensor, function: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile(x.size()):
        out[tile_m, tile_n] = function(x[tile_m, tile_n], y[tile_m, tile_n])
    return out


def _gate(v: torch.Tensor, least: float) -> torch.Tensor:
    w = torch.sigmoid(v)
    return w * v + least


@helion.kernel(autotune_effort="none")
def gated(x: torch.Tensor, row: torch.Tensor, column: torch.Tensor, least: float = 0.25) -> torch.Tensor:
    m, n = x.size()
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile([m, n]):
        v = x[tile_m, tile_n]
        v = torch.where(v > 0, _gate(v, least), row[tile_n][None, :] * v)
        inside = (tile_n.index < 50)[None, :]
        out[tile_m, tile_n] = torch.where(inside, F.gelu(v) + column[tile_m, 0][:, None], v * BASE)
    return out


def gated_in_torch(x: torch.Tensor, row: torch.Tensor, column: torch.Tensor, least: float = 0.25) -> torch.Tensor:
    v = torch.where(x > 0, _gate(x, least), row[None, :] * x)
    inside = torch.arange(x.size(1), device=x.device) < 50
    return torch.where(inside, F.gelu(v) + column, v * BASE)


@helion.kernel(autotune_effort="none")
def scaled(x: torch.Tensor, scale: torch.Tensor, low: float, high: float) -> torch.Tensor:
    out = torch.empty_like(x)
    rate = 1.0 / x.size(0)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile].clamp(low, high) * scale[()] * rate
    return out


def scaled_in_torch(x: torch.Tensor, scale: torch.Tensor, low: float, high: float) -> torch.Tensor:
    return x.clamp(low, high) * scale / x.size(0)


@helion.kernel(autotune_effort="none")
def two_outputs(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    total = torch.empty_like(x)
    product = torch.empty_like(y)
    for tile in hl.tile(x.size(0)):
        total[tile] = x[tile].exp() + y[tile]
        product[tile] = x[tile] * y[tile]
    return total, product


def two_outputs_in_torch(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x.exp() + y, x * y


@helion.kernel(autotune_effort="none")
def rows_of_a_table(table: torch.Tensor, ids: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    out = torch.empty([ids.size(0), table.size(1)], dtype=table.dtype, device=table.device)
    for tile_b, tile_n in hl.tile(out.size()):
        row = ids[tile_b] % table.size(0)
        out[tile_b, tile_n] = table[row, tile_n].tanh() + bias[tile_n]
    return out


def rows_of_a_table_in_torch(table: torch.Tensor, ids: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return table[ids % table.size(0)].tanh() + bias


@helion.kernel(autotune_effort="none")
def neighbours(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    n = x.size(0)
    for tile in hl.tile(n):
        has_next = tile.index + 1 < n
        following = hl.load(x, [tile.index + 1], extra_mask=has_next)
        out[tile] = x[tile] * following.sin()
    return out


def neighbours_in_torch(x: torch.Tensor) -> torch.Tensor:
    return x * F.pad(x[1:], (0, 1)).sin()


@helion.kernel(autotune_effort="none")
def half_of_it(x: torch.Tensor, keep: torch.Tensor) -> torch.Tensor:
    out = torch.zeros_like(x)
    for tile in hl.tile(x.size(0) // 2):
        hl.store(out, [tile], x[tile].square(), extra_mask=keep[tile])
    return out


def half_of_it_in_torch(x: torch.Tensor, keep: torch.Tensor) -> torch.Tensor:
    inside = keep & (torch.arange(x.size(0), device=x.device) < x.size(0) // 2)
    return torch.where(inside, x.square(), 0)


@helion.kernel(autotune_effort="none")
def in_float32(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile(x.size()):
        v = x[tile_m, tile_n].to(torch.float32)
        out[tile_m, tile_n] = (F.silu(v) * w[tile_n].to(torch.float32)[None, :]).to(out.dtype)
    return out


def in_float32_in_torch(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    return (F.silu(x.float()) * w.float()).to(x.dtype)


@helion.kernel(autotune_effort="none")
def row_by_row(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for i in hl.grid(x.size(0)):
        out[i, :] = torch.atan2(x[i, :], y[:])
    return out


def row_by_row_in_torch(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.atan2(x, y)


@helion.kernel(autotune_effort="none")
def gelu_bias(x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """The example of docs/guides/gradients.md."""
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile(x.size()):
        out[tile_m, tile_n] = torch.nn.functional.gelu(x[tile_m, tile_n] + bias[tile_n])
    return out


@helion.kernel(autotune_effort="none")
def flat(x: torch.Tensor, y: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Tensors of any shape as rows, one of them not contiguous."""
    n = x.size(-1)
    rows = x.reshape(-1, n)
    y = y.contiguous()
    others = y.view(-1, n)
    out = torch.empty_like(rows)
    for tile_m, tile_n in hl.tile(rows.size()):
        out[tile_m, tile_n] = rows[tile_m, tile_n] * others[tile_m, tile_n].exp() + bias[tile_n]
    return out.view(x.size())


def flat_in_torch(x: torch.Tensor, y: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return x * y.exp() + bias
