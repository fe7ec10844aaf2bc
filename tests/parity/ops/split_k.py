"""Products whose K is split among programs: a tunable number of parts, tiles of tiles, atomics, a first part that does more."""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from helion.autotuner import PowerOfTwoFragment
from tests.parity.op_cases import OpCase


def split_k(x: torch.Tensor, y: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    m, k = x.size()
    k2, n = y.size()
    assert k == k2, "the inner sizes differ"
    out = torch.zeros([m, n], dtype=torch.float32, device=x.device)
    splits = hl.register_tunable("split_k", PowerOfTwoFragment(1, 16, 4))
    block = helion.next_power_of_2(helion.cdiv(k, splits))
    for tile_m, tile_n, outer_k in hl.tile([m, n, k], block_size=[None, None, block]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for inner_k in hl.tile(outer_k.begin, outer_k.end):
            acc = torch.addmm(acc, x[tile_m, inner_k], y[inner_k, tile_n])
        if outer_k.begin == 0:
            acc = acc + bias[tile_n]
        hl.atomic_add(out, [tile_m, tile_n], acc)
    return out


def split_in_one_expression(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    block = helion.next_power_of_2(helion.cdiv(n, hl.register_tunable("parts", PowerOfTwoFragment(1, 8, 2))))
    out = x.new_zeros([m])
    for tile_m, outer in hl.tile([m, n], block_size=[hl.register_tunable("rows", PowerOfTwoFragment(1, 8, 4)), block]):
        hl.atomic_add(out, [tile_m], x[tile_m, outer].sum(-1))
    return out


def _operands(generator: torch.Generator) -> tuple[Any, ...]:
    return torch.randn(37, 200, generator=generator), torch.randn(200, 29, generator=generator), torch.randn(29, generator=generator)


def _rows(generator: torch.Generator) -> tuple[Any, ...]:
    return (torch.randn(13, 90, generator=generator),)


CASES = [
    OpCase("split k", split_k, _operands, lambda x, y, b: x @ y + b, 1e-3),
    OpCase("split k", split_k, _operands, lambda x, y, b: x @ y + b, 1e-3, static_shapes=False),
    OpCase("split in one expression", split_in_one_expression, _rows, lambda x: x.sum(1), 1e-4),
    OpCase("split in one expression", split_in_one_expression, _rows, lambda x: x.sum(1), 1e-4, static_shapes=False),
]
