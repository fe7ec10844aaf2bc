"""Kernels that print and stop, and what running them shows."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from typing import Any

import torch

import helion
import helion.language as hl


def printing(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    print("on the host")
    for tile in hl.tile(x.size(0), block_size=4):
        value = x[tile] * 2
        hl.device_print("doubled", value)
        print("begins at", tile.begin)
        out[tile] = value
    return out


def stopping(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0), block_size=4):
        hl.breakpoint()
        breakpoint()  # noqa: T100 - what is tested
        out[tile] = x[tile]
    return out


def _printed(function: Callable[..., Any], ref_mode: helion.RefMode) -> str:
    kernel = helion.kernel(function, autotune_effort="none", ref_mode=ref_mode)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        assert kernel(torch.arange(8.0)).tolist() == torch.arange(0.0, 16, 2).tolist()
    return output.getvalue()


def check_printed(ref_mode: helion.RefMode) -> None:
    text = _printed(printing, ref_mode)
    assert text.startswith("on the host\n")
    assert text.count("doubled") == 2
    assert text.count("begins at") == 2
    assert "14." in text


def check_stopped(ref_mode: helion.RefMode) -> None:
    stops: list[str] = []
    before, sys.breakpointhook = sys.breakpointhook, lambda: stops.append("here")
    try:
        helion.kernel(stopping, autotune_effort="none", ref_mode=ref_mode)(torch.arange(8.0))
    finally:
        sys.breakpointhook = before
    assert len(stops) == 4
