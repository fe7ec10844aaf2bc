"""Stacks of tensors that are told apart by their addresses."""

from __future__ import annotations

from typing import Any

import torch

import helion.language as hl
from tests.parity.op_cases import OpCase

NO_EAGER = "addresses have no eager meaning"


def sum_of_all(first: torch.Tensor, second: torch.Tensor, third: torch.Tensor) -> torch.Tensor:
    m, n = first.size()
    out = torch.empty_like(first)
    pointers = torch.tensor([t.data_ptr() for t in (first, second, third)], dtype=torch.uint64, device=first.device)
    for tile_m, tile_n in hl.tile([m, n]):
        stack = hl.stacktensor_like(first, pointers[:])
        out[tile_m, tile_n] = stack[tile_m, tile_n].sum(0)
    return out


def sum_by_tiles(first: torch.Tensor, second: torch.Tensor, third: torch.Tensor) -> torch.Tensor:
    m, n = first.size()
    out = first.new_zeros([m])
    pointers = torch.tensor([t.data_ptr() for t in (first, second, third)], dtype=torch.uint64, device=first.device)
    for tile_m in hl.tile(m):
        acc = hl.zeros([tile_m])
        for tile_p in hl.tile(pointers.size(0)):
            stack = hl.stacktensor_like(first, pointers[tile_p])
            for tile_n in hl.tile(n):
                acc += hl.load(stack, [tile_m, tile_n], extra_mask=(tile_n.index > 1)[None, None, :]).sum(0).sum(1)
        out[tile_m] = acc
    return out


def spread_to_all(first: torch.Tensor, second: torch.Tensor, third: torch.Tensor) -> torch.Tensor:
    m, n = first.size()
    copies = torch.empty([3, m, n], dtype=first.dtype, device=first.device)
    pointers = torch.tensor([copies[i].data_ptr() for i in range(3)], dtype=torch.uint64, device=first.device)
    for tile_m, tile_n in hl.tile([m, n]):
        stack = hl.stacktensor_like(first, pointers[:])
        stack[tile_m, tile_n] = (first[tile_m, tile_n] + second[tile_m, tile_n])[None, :, :] * third[0, 0]
    return copies


def one_of_them(first: torch.Tensor, second: torch.Tensor, third: torch.Tensor, which: int) -> torch.Tensor:
    out = torch.empty_like(first)
    pointers = torch.tensor([t.data_ptr() for t in (first, second, third)], dtype=torch.uint64, device=first.device)
    for tile in hl.tile(first.size(0)):
        stack = hl.stacktensor_like(first, pointers[which])
        out[tile, :] = stack[tile, :]
    return out


def _three(generator: torch.Generator) -> tuple[Any, ...]:
    return tuple(torch.randn(13, 9, generator=generator) for _ in range(3))


CASES = [
    OpCase("load of a stack", sum_of_all, _three, lambda a, b, c: a + b + c, not_eager=NO_EAGER),
    OpCase("load of a stack, dynamic", sum_of_all, _three, lambda a, b, c: a + b + c, not_eager=NO_EAGER, static_shapes=False),
    OpCase("masked load of a stack", sum_by_tiles, _three, lambda a, b, c: (a + b + c)[:, 2:].sum(1), not_eager=NO_EAGER),
    OpCase("store to a stack", spread_to_all, _three, lambda a, b, c: ((a + b) * c[0, 0]).expand(3, 13, 9).clone(), not_eager=NO_EAGER),
    OpCase("one tensor of a stack", one_of_them, lambda g: (*_three(g), 1), lambda a, b, c, i: b.clone(), not_eager=NO_EAGER),
]
