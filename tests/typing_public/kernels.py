"""Kernels as users write them; never run. `# revealed:` is what a type checker says of the line's `reveal_type`."""

from __future__ import annotations

from collections.abc import Callable
from typing import reveal_type

import torch

import helion
import helion.language as hl


@helion.kernel
def add(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.numel()):
        reveal_type(tile)  # revealed: Tile
        reveal_type(tile.index)  # revealed: Tensor
        reveal_type(tile.begin)  # revealed: int
        reveal_type(tile.end)  # revealed: int
        reveal_type(tile.id)  # revealed: int
        reveal_type(tile.count)  # revealed: int
        reveal_type(tile.block_size)  # revealed: int
        reveal_type(tile + 1)  # revealed: Tensor
        out[tile] = x[tile] + y[tile]
    return out


@helion.kernel(config=helion.Config(block_sizes=[64, 64, 32], num_warps=4, indexing="pointer"), static_shapes=False)
def matmul(
    x: torch.Tensor, y: torch.Tensor, epilogue: Callable[[torch.Tensor, tuple[hl.Tile, hl.Tile]], torch.Tensor] | None = None
) -> torch.Tensor:
    m, k = x.size()
    _, n = y.size()
    out = torch.empty([m, n], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        reveal_type(tile_n)  # revealed: Tile
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
            acc = hl.dot(x[tile_m, tile_k], y[tile_k, tile_n], acc=acc)
        reveal_type(acc)  # revealed: Tensor
        if epilogue is not None:
            acc = epilogue(acc, (tile_m, tile_n))
        out[tile_m, tile_n] = acc.to(x.dtype)
    return out


def examples() -> dict[str, tuple[torch.Tensor, ...]]:
    return {"small": (torch.ones(16, 16),)}


@helion.kernel(
    configs={
        "NVIDIA H200": {
            "bf16[4096,4096]": helion.Config(block_sizes=[1], num_warps=8, num_stages=4),
            "bf16[16,4096]": helion.Config(block_sizes=[1]),
        },
        "sm_100": helion.Config(block_sizes=[1], num_warps=8),
        "*": {"block_sizes": [1]},
    },
    inputs=examples,
    on_missing="default",
    autotune_effort="quick",
)
def softmax(x: torch.Tensor, causal: hl.constexpr = True, scale: hl.constexpr = 1.0) -> torch.Tensor:
    n = hl.specialize(x.size(1))
    reveal_type(n)  # revealed: int
    out = torch.empty_like(x)
    block = hl.register_block_size(x.size(0))
    for tile in hl.tile(x.size(0), block_size=block):
        row = x[tile, :] * scale
        if causal:
            row = torch.where(tile.index[:, None] >= hl.arange(n)[None, :], row, float("-inf"))
        shifted = torch.exp(row - torch.amax(row, dim=1, keepdim=True))
        out[tile, :] = shifted / shifted.sum(dim=1, keepdim=True)
    return out


@helion.kernel(configs=[helion.Config(num_stages=2), {"num_stages": 3, "num_warps": 8}])
def ragged(values: torch.Tensor, starts: torch.Tensor, total: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    out = torch.zeros_like(values)
    largest = torch.zeros_like(starts)
    for row in hl.grid(starts.size(0) - 1):
        reveal_type(row)  # revealed: int
        begin, end = starts[row], starts[row + 1]
        for tile in hl.tile(begin, end, block_size=16):
            inside = tile.index < end
            loaded = hl.load(values, [tile], extra_mask=inside)
            hl.store(out, [tile], loaded * 2, extra_mask=inside)
            before = hl.atomic_add(total, [row], loaded.sum())
            top, places = hl.reduce(_larger, (loaded, tile.index), dim=0)
            reveal_type(top)  # revealed: Tensor
            reveal_type(places)  # revealed: Tensor
            reveal_type(hl.cumsum(loaded, dim=0))  # revealed: Tensor
            largest[row] = top + before
            partial = torch.zeros([tile], dtype=torch.float32) + loaded.view(tile)
            out[tile] = partial
    for i, j in hl.grid([3, 4]):
        reveal_type((i, j))  # revealed: tuple[int, int]
    return out, largest


def _larger(x: torch.Tensor, i: torch.Tensor, y: torch.Tensor, j: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.where(x > y, x, y), torch.where(x > y, i, j)


@helion.kernel
def jagged(values: torch.Tensor, starts: torch.Tensor, seed: int) -> torch.Tensor:
    rows = starts.size(0) - 1
    out = torch.zeros([rows], dtype=values.dtype, device=values.device)
    for tile in hl.tile(rows):
        begins = starts[tile]
        acc = hl.zeros([tile], dtype=torch.float32)
        for lane in hl.jagged_tile(starts[tile + 1] - begins):
            reveal_type(lane)  # revealed: Tile
            loaded = hl.load(values, [begins[:, None] + lane.index[None, :]])
            acc += torch.where(hl.rand([tile, lane], seed) > 0.5, loaded, 0.0).sum(-1)
        out[tile] = acc
    return out


@helion.jit
def doubled(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * 2
    return out


def host(x: torch.Tensor, kernel: helion.Kernel) -> None:
    reveal_type(add)  # revealed: Kernel[(x: Tensor, y: Tensor), Tensor]
    reveal_type(softmax)  # revealed: Kernel[(x: Tensor, causal: constexpr = True, scale: constexpr = 1), Tensor]
    reveal_type(doubled)  # revealed: Kernel[(x: Tensor), Tensor]
    reveal_type(add(x, x))  # revealed: Tensor
    reveal_type(matmul(x, x, lambda acc, tile: acc + tile[0].index[:, None]))  # revealed: Tensor
    reveal_type(softmax(x, causal=False, scale=0.5))  # revealed: Tensor
    reveal_type(ragged(x, x, x)[0])  # revealed: Tensor
    best = add.autotune((x, x))
    reveal_type(best)  # revealed: Config
    reveal_type(helion.Config(reduction_loops=[None], split_k=4))  # revealed: Config
    reveal_type(best.num_warps)  # revealed: int
    reveal_type(best.block_sizes)  # revealed: list[int]
    reveal_type(add.explain(x, x))  # revealed: Explanation
    reveal_type(helion.kernel(add.fn, config=best, settings=helion.Settings(static_shapes=False)))  # revealed: Kernel[..., Any]
    kernel(x, x)
