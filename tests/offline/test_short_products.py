"""Products whose K is short have as many lanes there as Triton's register layout of widened operands takes (triton-lang/triton#11691)."""

from __future__ import annotations

import re

import pytest
import torch

import helion
import helion.language as hl
from helion import compiler
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.target import find_target

TARGET = find_target("sm_90")


@helion.kernel(ignore_warnings=[helion.exc.BaseWarning])
def times_bytes(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(1)], device=x.device)
    for tile_m, tile_n in hl.tile(out.shape):
        acc = hl.zeros([tile_m, tile_n])
        for tile_k in hl.tile(x.size(1)):
            acc = hl.dot(x[tile_m, tile_k], y[tile_k, tile_n].to(x.dtype), acc=acc)
        out[tile_m, tile_n] = acc
    return out


@helion.kernel(ignore_warnings=[helion.exc.BaseWarning])
def times_masked(x: torch.Tensor, y: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(1)], device=x.device)
    for tile_m, tile_n in hl.tile(out.shape):
        acc = hl.zeros([tile_m, tile_n])
        for tile_k in hl.tile(x.size(1)):
            acc = hl.dot(torch.where(mask[tile_m, tile_k], x[tile_m, tile_k], 0), y[tile_k, tile_n], acc=acc)
        out[tile_m, tile_n] = acc
    return out


def _lanes_and_text(kernel: helion.Kernel, arguments: tuple[torch.Tensor, ...], k: int) -> str:
    assert TARGET is not None
    bound = BoundKernel(kernel, arguments)
    config = compiler.config_space(bound.ir, TARGET).normalize({"block_sizes": [32, 32, k], "num_warps": 4})
    module = compiler.generate(bound.ir, config, TARGET)
    assert "Failure" not in type(compile_module(module, TARGET)).__name__
    return module.text


X, Y = torch.zeros(64, 64, dtype=torch.bfloat16), torch.zeros(64, 64, dtype=torch.bfloat16)


def test_bytes_need_64_lanes_where_zeros_are_joined_to_them() -> None:
    assert re.search(r"tl\.dot\(tl\.reshape\(.*, 64\]\)", _lanes_and_text(times_bytes, (X, Y.to(torch.int8)), 16))


def test_a_mask_from_memory_counts_as_bytes() -> None:
    assert re.search(r"tl\.dot\(tl\.reshape\(.*, 64\]\)", _lanes_and_text(times_masked, (X, Y, X.bool()), 16))


@pytest.mark.parametrize("k", [32, 64])
def test_32_lanes_are_enough_for_bytes(k: int) -> None:
    assert "tl.join" not in _lanes_and_text(times_bytes, (X, Y.to(torch.int8)), k)


def test_operands_as_wide_as_in_memory_stay_as_they_are() -> None:
    assert "tl.join" not in _lanes_and_text(times_bytes, (X, Y), 16)
