"""Loops of which too little is known to compile them say so, in words of loops."""

from __future__ import annotations

import json

import pytest
import torch

import helion
import helion.language as hl
from helion import exc
from helion.runtime.bound_kernel import BoundKernel


@helion.kernel(autotune_effort="none")
def bounded_by_a_text(x: torch.Tensor, text: str) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(json.loads(text)):
        out[tile] = x[tile]
    return out


@helion.kernel(autotune_effort="none")
def bounded_by_what_has_no_name(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(mask.nonzero().size(0)):
        out[tile] = x[tile]
    return out


def test_what_a_library_gives_is_not_known() -> None:
    with pytest.raises(exc.InductorLoweringError, match="this loop cannot be compiled: where it begins and ends is not known"):
        BoundKernel(bounded_by_a_text, (torch.zeros(9), "9"))


def test_what_only_running_tells_needs_a_name() -> None:
    with pytest.raises(exc.InductorLoweringError, match="give that a name on the host before the loop"):
        BoundKernel(bounded_by_what_has_no_name, (torch.zeros(9), torch.ones(9, dtype=torch.bool)))
