"""Kernels that the manual's examples call, and what such a call is to raise."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import helion
import helion.language as hl
from helion import exc


@helion.kernel(autotune_effort="none")
def kernel(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] + 1
    return out


@helion.kernel(autotune_effort="none")
def fill(n: int, device: torch.device | None = None) -> torch.Tensor:
    out = torch.empty([n], dtype=torch.float32, device=device)
    for tile in hl.tile(n):
        out[tile] = 1.0
    return out


@helion.kernel(autotune_effort="none", static_shapes=False)
def matmul(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m = x.size(0)
    n = y.size(1)
    out = torch.empty([m, n], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        out[tile_m, tile_n] = x[tile_m, :] @ y[:, tile_n]
    return out


def check_example(text: str, code: str | None) -> None:
    """Runs an example; `code` is what it must be refused with, None if it must run. A function that it defines is called."""
    names: dict[str, Any] = {"helion": helion, "torch": torch, "kernel": kernel, "fill": fill, "matmul": matmul}

    def run() -> None:
        before = set(names)
        exec(text, names)
        for name in names.keys() - before - {"__builtins__"}:
            names[name](torch.ones(4))

    if code is None:
        run()
        return
    with pytest.raises(exc.CompileError) as caught:
        run()
    assert [d.code for d in caught.value.diagnostics] == [code], caught.value
