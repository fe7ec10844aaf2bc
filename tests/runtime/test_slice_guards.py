"""A constant end of a host's slice holds for every call that a specialization serves, or the call is refused."""

from __future__ import annotations

import pytest
import torch

import helion
import helion.language as hl
from helion import exc
from helion.runtime.bound_kernel import BoundKernel


@helion.kernel(static_shapes=False, autotune_effort="none")
def first_columns(x: torch.Tensor) -> torch.Tensor:
    left = x[:, :8]
    out = torch.empty_like(left)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = left[tile, :] + hl.zeros([tile, 8])
    return out


def test_a_tensor_that_is_shorter_is_refused() -> None:
    bound = BoundKernel(first_columns, (torch.zeros(9, 15),))
    bound.check_guards((torch.zeros(9, 8),))
    with pytest.raises(exc.ShapeMismatch, match=r"needs x\.size\(1\) to be at least 8, and in this call it is not"):
        bound.check_guards((torch.zeros(9, 7),))
