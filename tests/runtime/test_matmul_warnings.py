"""What a kernel that adds up rounded products prints when it is compiled, and how that is silenced."""

from __future__ import annotations

import pytest
import torch

import helion
import helion.language as hl
from helion.runtime.bound_kernel import BoundKernel


def rounded(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, k = x.size()
    out = x.new_empty([m, y.size(1)])
    for tile_m, tile_n in hl.tile([m, y.size(1)]):
        acc = hl.zeros([tile_m, tile_n])
        for tile_k in hl.tile(k):
            acc += x[tile_m, tile_k] @ y[tile_k, tile_n]
        out[tile_m, tile_n] = acc
    return out


def _printed(capsys: pytest.CaptureFixture[str], ignored: list[type[Exception]]) -> str:
    kernel = helion.kernel(rounded, autotune_effort="none", ignore_warnings=ignored)
    operand = torch.zeros(32, 32, dtype=torch.bfloat16)
    BoundKernel(kernel, (operand, operand))
    return capsys.readouterr().err


def test_a_rounded_accumulation_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    text = _printed(capsys, [])
    assert "rounded-accumulation" in text
    assert "acc += x[tile_m, tile_k] @ y[tile_k, tile_n]" in text


@pytest.mark.parametrize("ignored", [helion.exc.TiledKMatmulAccumulationWarning, helion.exc.BaseWarning])
def test_the_warning_can_be_ignored(capsys: pytest.CaptureFixture[str], ignored: type[Exception]) -> None:
    assert _printed(capsys, [ignored]) == ""
