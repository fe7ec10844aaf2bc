"""Products of microscaled operands, in every format."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

import helion.language as hl
from helion.ops.dot_scaled import run_dot_scaled
from tests.parity.op_cases import OpCase


def whole_rows(
    x: torch.Tensor, x_scale: torch.Tensor, x_format: str, y: torch.Tensor, y_scale: torch.Tensor, y_format: str
) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(1)], dtype=torch.float32, device=x.device)
    for tile_m, tile_n in hl.tile([x.size(0), y.size(1)]):
        out[tile_m, tile_n] = hl.dot_scaled(x[tile_m, :], x_scale[tile_m, :], x_format, y[:, tile_n], y_scale[tile_n, :], y_format)
    return out


def in_a_loop(x: torch.Tensor, x_scale: torch.Tensor, y: torch.Tensor, y_scale: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(1)], dtype=torch.float32, device=x.device)
    for tile_m, tile_n in hl.tile([x.size(0), y.size(1)]):
        acc = hl.zeros([tile_m, tile_n])
        for tile_s in hl.tile(x_scale.size(1)):
            first = tile_s.begin * 32
            acc = hl.dot_scaled(
                x[tile_m, first : first + tile_s.block_size * 32],
                x_scale[tile_m, tile_s],
                "e5m2",
                y[first : first + tile_s.block_size * 32, tile_n],
                y_scale[tile_n, tile_s],
                "e5m2",
                acc=acc,
            )
        out[tile_m, tile_n] = acc
    return out


def one_scaled_operand(x: torch.Tensor, y: torch.Tensor, y_scale: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(1)], dtype=torch.float16, device=x.device)
    for tile_m, tile_n in hl.tile([x.size(0), y.size(1)]):
        out[tile_m, tile_n] = hl.dot_scaled(x[tile_m, :], None, "bf16", y[:, tile_n], y_scale[tile_n, :], "e4m3", out_dtype=torch.float16)
    return out


def _operand(generator: torch.Generator, rows: int, k: int, format_: str) -> torch.Tensor:
    if format_ == "e2m1":
        return torch.randint(0, 256, (rows, k // 2), generator=generator, dtype=torch.uint8)
    dtypes = {"e4m3": torch.float8_e4m3fn, "e5m2": torch.float8_e5m2, "bf16": torch.bfloat16, "fp16": torch.float16}
    return torch.randn(rows, k, generator=generator).to(dtypes[format_])


def _scale(generator: torch.Generator, rows: int, k: int) -> torch.Tensor:
    return torch.randint(124, 131, (rows, k // 32), generator=generator, dtype=torch.uint8)


def _arguments(m: int, k: int, n: int, left: str, right: str) -> Callable[[torch.Generator], tuple[Any, ...]]:
    def make(generator: torch.Generator) -> tuple[Any, ...]:
        x, y = _operand(generator, m, k, left), _operand(generator, n, k, right).T.contiguous()
        return x, _scale(generator, m, k), left, y, _scale(generator, n, k), right

    return make


def _fp8_arguments(m: int, k: int, n: int) -> Callable[[torch.Generator], tuple[Any, ...]]:
    def make(generator: torch.Generator) -> tuple[Any, ...]:
        x, x_scale, _, y, y_scale, _ = _arguments(m, k, n, "e5m2", "e5m2")(generator)
        return x, x_scale, y, y_scale

    return make


def _one_scaled(generator: torch.Generator) -> tuple[Any, ...]:
    x, _, _, y, y_scale, _ = _arguments(20, 64, 40, "bf16", "e4m3")(generator)
    return x, y, y_scale


_FORMATS = ("e2m1", "e4m3", "e5m2", "bf16", "fp16")

CASES = [
    *(OpCase(f"{f} by {f}, scaled", whole_rows, _arguments(20, 96, 40, f, f), run_dot_scaled, 2e-2, draws=2) for f in _FORMATS),
    OpCase("e2m1 by e4m3, scaled", whole_rows, _arguments(20, 64, 40, "e2m1", "e4m3"), run_dot_scaled, 1e-3),
    OpCase("one row by one column, scaled", whole_rows, _arguments(1, 64, 1, "e4m3", "e4m3"), run_dot_scaled, 1e-3),
    OpCase("one scale a row", whole_rows, _arguments(20, 32, 40, "e4m3", "e4m3"), run_dot_scaled, 1e-3),
    OpCase("scaled in a loop", in_a_loop, _fp8_arguments(20, 160, 40), lambda x, s, y, t: run_dot_scaled(x, s, "e5m2", y, t, "e5m2"), 1e-3),
    OpCase(
        "one scaled operand",
        one_scaled_operand,
        _one_scaled,
        lambda x, y, s: run_dot_scaled(x, None, "bf16", y, s, "e4m3", out_dtype=torch.float16),
        1e-2,
    ),
]
