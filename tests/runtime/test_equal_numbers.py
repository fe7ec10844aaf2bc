"""Numbers that are equal and not the same, in kernels of one process: neither gets the other's code."""

from __future__ import annotations

import torch

import helion
import helion.language as hl


@helion.kernel(autotune_effort="none")
def by_an_integer(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] * 3
    return out


@helion.kernel(autotune_effort="none")
def by_a_float(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x, dtype=torch.float32)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] * 3.0
    return out


@helion.kernel(autotune_effort="none")
def with_zero(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = torch.add(x[tile], 0.0)
    return out


@helion.kernel(autotune_effort="none")
def with_negative_zero(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = torch.add(x[tile], -0.0)
    return out


def _code(kernel: helion.Kernel, dtype: torch.dtype) -> str:
    bound = kernel.bind((torch.empty(64, dtype=dtype, device="meta"),))
    return bound.to_triton_code(bound.config_spec.default())


def test_an_integer_and_a_float() -> None:
    assert "load * 3\n" in _code(by_an_integer, torch.int32)
    assert "load.to(tl.float32) * 3.0\n" in _code(by_a_float, torch.int32)
    by_an_integer.reset()
    assert "load * 3\n" in _code(by_an_integer, torch.int32)


def test_zeros_of_both_signs() -> None:
    assert "load + 0.0\n" in _code(with_zero, torch.float32)
    assert "-0.0" in _code(with_negative_zero, torch.float32)
