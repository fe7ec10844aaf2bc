"""Views and rearrangements of device values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

import helion.language as hl
from tests.parity.op_cases import OpCase


def split_pairs(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    m, n, _ = x.size()
    first, second = x.new_empty([m, n]), x.new_empty([m, n])
    for tile_m, tile_n in hl.tile([m, n]):
        a, b = hl.split(x[tile_m, tile_n, :])
        first[tile_m, tile_n] = a
        second[tile_m, tile_n] = b * 2
    return first, second


def join_rows(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = x.new_empty([m, n, 2])
    for tile_m, tile_n in hl.tile([m, n]):
        out[tile_m, tile_n, :] = hl.join(x[tile_m, tile_n], y[tile_n][None, :])
    return out


def rotated_pairs(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile([m, n]):
        value = x[tile_m, tile_n]
        even, odd = hl.split(value.reshape(tile_m, tile_n.block_size // 2, 2))
        out[tile_m, tile_n] = hl.join(-odd, even).reshape(tile_m, tile_n)
    return out


def stacked(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = x.new_empty([m, 2, n])
    for tile_m, tile_n in hl.tile([m, n]):
        out[tile_m, :, tile_n] = torch.stack([x[tile_m, tile_n], y[tile_m, tile_n]], 1)
    return out


def stacked_three(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = x.new_empty([m, n, 3])
    for tile_m, tile_n in hl.tile([m, n]):
        a, b = x[tile_m, tile_n], y[tile_m, tile_n]
        out[tile_m, tile_n, :] = torch.stack((a, b, a * b), dim=-1)
    return out


def interleaved(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    k, n = x.size()
    out = x.new_empty([2 * k, n])
    for tile_k, tile_n in hl.tile([k, n], block_size=[16, None]):
        pairs = torch.stack([x[tile_k, tile_n], y[tile_k, tile_n]], dim=1)
        rows = tile_k.begin * 2 + hl.arange(tile_k.block_size * 2)
        hl.store(out, [rows, tile_n], pairs.reshape(tile_k.block_size * 2, tile_n), extra_mask=(rows < 2 * k)[:, None])
    return out


def concatenated(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m = x.size(0)
    out = x.new_empty([m, 16])
    for tile in hl.tile(m):
        out[tile, :] = torch.cat([x[tile, :], y[tile, :], y[tile, :] * 2, x[tile, :] * 3], dim=1)
    return out


def repeated(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = x.new_empty([m, 4 * n])
    for tile in hl.tile(m):
        out[tile, :] = x[tile, :].repeat(1, 4)
    return out


def bits(x: torch.Tensor) -> torch.Tensor:
    out = x.new_empty(x.size(), dtype=torch.int32)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = (x[tile, :] * 2).view(torch.int32) + 1
    return out


def spread_as(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile([m, n]):
        value = x[tile_m, tile_n]
        row = y[tile_n][None, :]
        out[tile_m, tile_n] = row.expand_as(value) + row.expand(tile_m, tile_n) + row.broadcast_to([tile_m, tile_n]) + value
    return out


def moved(x: torch.Tensor) -> torch.Tensor:
    a, b, c = x.size()
    out = x.new_empty([c, a, b])
    for tile_a, tile_b in hl.tile([a, b]):
        value = torch.movedim(x[tile_a, tile_b, :], -1, 0)
        out[:, tile_a, tile_b] = value.swapaxes(1, 2).transpose(1, 2) + value.permute(0, 2, 1).mT
    return out


def turned(x: torch.Tensor) -> torch.Tensor:
    out = x.new_empty([x.size(1), x.size(0)])
    for tile_m, tile_n in hl.tile([x.size(0), x.size(1)]):
        out[tile_n, tile_m] = x[tile_m, tile_n].T + x[tile_m, tile_n].t()
    return out


def flattened_sums(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = x.new_zeros([helion_blocks(m), helion_blocks(n)])
    for tile_m, tile_n in hl.tile([m, n], block_size=[8, 16]):
        value = x[tile_m, tile_n]
        a = value.flatten().sum(0)
        b = value.reshape(-1).sum(0)
        c = value.view(tile_m.block_size * tile_n.block_size).sum(0)
        d = value.reshape(tile_m, -1, 4).sum(2).sum(1).sum(0)
        out[tile_m.id, tile_n.id] = a + b + c + d
    return out


def reshaped(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = x.new_empty([m])
    for tile in hl.tile(m):
        row = x[tile, 0]
        column = row.view(tile, 1) + row.reshape(tile, -1)
        out[tile] = column.squeeze(1) + row.unsqueeze(0).squeeze(0) + row.view_as(row)
    return out


def helion_blocks(size: int) -> int:
    return 4


def lower_triangle(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        value = x[tile, :, :]
        out[tile, :, :] = torch.tril(value) + torch.triu(value, diagonal=1) * 2 + value.tril(-2)
    return out


def _float(*shapes: tuple[int, ...]) -> Callable[[torch.Generator], tuple[Any, ...]]:
    return lambda generator: tuple(torch.randn(shape, generator=generator) for shape in shapes)


def _rotated(x: torch.Tensor) -> torch.Tensor:
    return torch.stack([-x[:, 1::2], x[:, ::2]], -1).flatten(1)


def _flattened(x: torch.Tensor) -> torch.Tensor:
    return x.reshape(4, 8, 4, 16).sum((1, 3)) * 4


CASES = [
    OpCase("split", split_pairs, _float((20, 13, 2)), lambda x: (x[..., 0].clone(), x[..., 1] * 2)),
    OpCase("join", join_rows, _float((20, 13), (13,)), lambda x, y: torch.stack(torch.broadcast_tensors(x, y), -1)),
    OpCase("split and join", rotated_pairs, _float((20, 32)), _rotated),
    OpCase("stack", stacked, _float((20, 13), (20, 13)), lambda x, y: torch.stack([x, y], 1)),
    OpCase("stack of three", stacked_three, _float((20, 13), (20, 13)), lambda x, y: torch.stack([x, y, x * y], -1)),
    OpCase("interleave", interleaved, _float((32, 13), (32, 13)), lambda x, y: torch.stack([x, y], 1).flatten(0, 1)),
    OpCase("cat", concatenated, _float((20, 4), (20, 4)), lambda x, y: torch.cat([x, y, y * 2, x * 3], 1)),
    OpCase("repeat", repeated, _float((20, 8)), lambda x: x.repeat(1, 4)),
    OpCase("view as integers", bits, _float((20, 5)), lambda x: (x * 2).view(torch.int32) + 1),
    OpCase("expand", spread_as, _float((20, 13), (13,)), lambda x, y: y * 3 + x),
    OpCase("move dims", moved, _float((5, 13, 6)), lambda x: x.movedim(-1, 0) * 2),
    OpCase("transpose", turned, _float((20, 13)), lambda x: x.T * 2),
    OpCase("flatten", flattened_sums, _float((32, 64)), _flattened, 1e-4),
    OpCase("reshape", reshaped, _float((20, 1)), lambda x: x[:, 0] * 4),
    OpCase("triangles", lower_triangle, _float((5, 6, 7)), lambda x: x.tril() + 2 * x.triu(1) + x.tril(-2)),
]
