"""Which value of a tunable an eager run uses."""

from __future__ import annotations

import pytest
import torch

import helion
import helion.language as hl
from helion.config.fragments import PowerOfTwoFragment


def splits_times_ones(x: torch.Tensor) -> torch.Tensor:
    splits = hl.register_tunable("splits", PowerOfTwoFragment(1, 16, 4))
    for tile in hl.tile(x.size(0)):
        x[tile] = hl.full([tile], splits)
    return x


@pytest.mark.parametrize(("config", "used"), [({"splits": 8}, 8), ({"splits": 3}, 4), ({}, 4)])
def test_the_config_says_what_an_eager_run_uses(config: dict[str, int], used: int) -> None:
    kernel = helion.kernel(splits_times_ones, config=config, ref_mode=helion.RefMode.EAGER)
    assert kernel(torch.zeros(3)).tolist() == [used] * 3
