"""Floats that lie packed in memory: all 256 bytes of two 4-bit floats, groups of 16, masked groups."""

from __future__ import annotations

import torch

import helion.language as hl
from helion.ops.float4 import decoded_float4
from tests.parity.op_cases import OpCase


def bytes_to_floats(packed: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    low = torch.empty(packed.shape, dtype=torch.float32, device=packed.device)
    high = torch.empty_like(low)
    for tile in hl.tile(packed.size()):
        low[tile], high[tile] = hl.float4_e2m1fn_x2_to_float32(packed[tile])
    return low, high


def groups_of_floats(packed: torch.Tensor) -> torch.Tensor:
    rows, groups = packed.size(0), packed.size(1) // 8
    out = torch.empty([rows, groups, 16], dtype=torch.float16, device=packed.device)
    for row, group in hl.tile([rows, groups]):
        out[row, group, :] = hl.load_float4_e2m1fn_x16_to_float16(packed, row.index[:, None] * groups + group.index[None, :])
    return out


def sums_of_masked_groups(packed: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    groups = packed.size(0) // 8
    out = torch.zeros([groups], dtype=torch.float32, device=packed.device)
    for group in hl.tile(groups):
        values = hl.load_float4_e2m1fn_x16_to_float16(packed, group.index, extra_mask=kept[group])
        out[group] = values.to(torch.float32).sum(-1)
    return out


def sums_of_all(x: torch.Tensor) -> torch.Tensor:
    out = torch.zeros([1], dtype=torch.float32, device=x.device)
    for row in hl.tile(1):
        total = hl.zeros([row], dtype=torch.float32)
        for group in hl.tile(x.size(0) // 16):
            values = hl.load_bfloat16_x16_to_float16(x, group.index)
            total = total + (values.to(torch.float32) + 1).sum(-1).sum(0)
        out[row] = total
    return out


def _every_byte(generator: torch.Generator, dtype: torch.dtype = torch.uint8) -> tuple[torch.Tensor]:
    return (torch.arange(256, dtype=torch.int32).to(torch.uint8).view(16, 16).view(dtype),)


def _rows(generator: torch.Generator) -> tuple[torch.Tensor]:
    return (torch.randint(0, 256, (13, 40), generator=generator, dtype=torch.uint8),)


def _masked(generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    packed = torch.randint(0, 256, (37 * 8,), generator=generator, dtype=torch.uint8)
    return packed, torch.rand(37, generator=generator) < 0.5


def _floats(packed: torch.Tensor) -> torch.Tensor:
    return torch.stack(decoded_float4(packed), -1).flatten(-2)


CASES = [
    OpCase("every byte of float4", bytes_to_floats, _every_byte, decoded_float4, 0.0),
    OpCase("every signed byte of float4", bytes_to_floats, lambda g: _every_byte(g, torch.int8), decoded_float4, 0.0, draws=1),
    OpCase("groups of float4", groups_of_floats, _rows, lambda packed: _floats(packed).view(13, 5, 16).half(), 0.0),
    OpCase(
        "groups of float4",
        groups_of_floats,
        _rows,
        lambda packed: _floats(packed).view(13, 5, 16).half(),
        0.0,
        static_shapes=False,
    ),
    OpCase(
        "masked groups of float4",
        sums_of_masked_groups,
        _masked,
        lambda packed, kept: torch.where(kept, _floats(packed).view(37, 16).sum(1), 0.0),
        1e-6,
    ),
    OpCase(
        "groups of bfloat16",
        sums_of_all,
        lambda g: (torch.randn(16 * 13, generator=g).bfloat16(),),
        lambda x: (x.float() + 1).sum()[None],
        1e-5,
    ),
]
