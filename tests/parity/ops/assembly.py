"""Assembly on each element."""

from __future__ import annotations

import torch

import helion.language as hl
from tests.parity.op_cases import OpCase

NO_EAGER = "assembly has no eager meaning"
NOT_INTERPRETED = "Triton's interpreter has no assembly"


def halved(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = hl.inline_asm_elementwise("mul.f32 $0, $1, 0.5;", "=f,f", [x[tile]], dtype=torch.float32, is_pure=True, pack=1)
    return out


def sum_and_difference(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    m, n = x.size()
    total, difference = torch.empty_like(x), torch.empty_like(x)
    for tile_m, tile_n in hl.tile([m, n]):
        a, b = hl.inline_asm_elementwise(
            "add.f32 $0, $2, $3;\nsub.f32 $1, $2, $3;",
            "=f,=f,f,f",
            [x[tile_m, tile_n], y[tile_n][None, :]],
            dtype=(torch.float32, torch.float32),
            is_pure=False,
            pack=1,
        )
        total[tile_m, tile_n] = a
        difference[tile_m, tile_n] = b
    return total, difference


def _values(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    return (torch.randn(37, generator=generator),)


def _rows(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    return torch.randn(20, 13, generator=generator), torch.randn(13, generator=generator)


CASES = [
    OpCase("assembly", halved, _values, lambda x: x / 2, not_eager=NO_EAGER, not_interpreted=NOT_INTERPRETED),
    OpCase(
        "assembly with two results",
        sum_and_difference,
        _rows,
        lambda x, y: (x + y, x - y),
        not_eager=NO_EAGER,
        not_interpreted=NOT_INTERPRETED,
    ),
]
