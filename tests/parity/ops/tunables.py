"""Numbers that a config decides, in host arithmetic, as block sizes and in device code."""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.config.fragments import BooleanFragment, EnumFragment, IntegerFragment, PowerOfTwoFragment
from tests.parity.op_cases import OpCase


def split_sums(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    splits = hl.register_tunable("splits", PowerOfTwoFragment(1, 16, 4))
    block = helion.next_power_of_2(helion.cdiv(n, splits))
    out = x.new_zeros([m, helion.cdiv(n, block)])
    for tile_m, outer in hl.tile([m, n], block_size=[None, block]):
        acc = hl.zeros([tile_m])
        for inner in hl.tile(outer.begin, outer.end):
            acc += x[tile_m, inner].sum(-1)
        out[tile_m, outer.id] = acc
    return out.sum(1)


def block_from_tunable(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    length = hl.register_tunable("length", PowerOfTwoFragment(4, 32))
    for tile in hl.tile(x.size(0), block_size=length):
        out[tile] = x[tile] + 1
    return out


def largest_block_from_tunable(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    length = hl.register_tunable("length", PowerOfTwoFragment(16, 32))
    block = hl.register_block_size(length * 2)
    for tile in hl.tile(x.size(0), block_size=block):
        out[tile] = x[tile] + 1
    return out


def repeated(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    times = hl.register_tunable("times", IntegerFragment(1, 6, 3))
    for tile in hl.tile(x.size(0)):
        acc = hl.zeros([tile])
        for _ in hl.grid(times):
            acc += x[tile] / times
        out[tile] = acc
    return out


def scaled(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    scale = hl.register_tunable("scale", EnumFragment((2.0, 0.5, 4.0)))
    half = scale / 2
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] * scale / half / 2 + scale * 0
    return out


def chosen_way(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    is_doubled = hl.register_tunable("is_doubled", BooleanFragment())
    for tile in hl.tile(x.size(0)):
        acc = x[tile]
        if is_doubled:
            acc = acc + acc
        else:
            acc = acc * 2
        out[tile] = acc
    return out


def _row(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    return (torch.randn(37, generator=generator),)


def _rows(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    return (torch.randn(5, 83, generator=generator),)


CASES = [
    OpCase(function.__name__, function, arguments, expected, static_shapes=static)
    for function, arguments, expected in (
        (split_sums, _rows, lambda x: x.sum(1)),
        (block_from_tunable, _row, lambda x: x + 1),
        (largest_block_from_tunable, _row, lambda x: x + 1),
        (repeated, _row, lambda x: x),
        (scaled, _row, lambda x: x),
        (chosen_way, _row, lambda x: x * 2),
    )
    for static in (True, False)
]
