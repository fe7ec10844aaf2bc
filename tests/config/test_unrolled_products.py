"""A search unrolls no loop that multiplies what it computes on Hopper; what somebody wrote is taken."""

from __future__ import annotations

import random

import torch

from examples.attention import attention
from examples.matmul import matmul
from helion import compiler
from helion.config.space import ConfigSpace
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel
from helion.target import find_target


def _space(kernel: Kernel, target_name: str, *shape: int) -> ConfigSpace:
    target = find_target(target_name)
    assert target is not None
    arguments = tuple(torch.empty(shape, dtype=torch.bfloat16) for _ in range(3 if len(shape) > 2 else 2))
    return compiler.config_space(BoundKernel(kernel, kernel.normalize_args(*arguments)).ir, target)


def _unrolls(space: ConfigSpace) -> bool:
    drawn = [space.sample(random.Random(seed)) for seed in range(100)]
    found = [config for one in drawn[:10] for config in space.neighbours(one)]
    return any(max(config["range_unroll_factors"]) > 1 for config in (*drawn, *found))


def test_what_a_search_unrolls() -> None:
    assert not _unrolls(_space(attention, "sm_90", 1, 2, 512, 64))
    assert _unrolls(_space(attention, "sm_80", 1, 2, 512, 64))
    assert _unrolls(_space(matmul, "sm_90", 512, 512))


def test_a_config_that_unrolls_is_valid() -> None:
    space = _space(attention, "sm_90", 1, 2, 512, 64)
    given = {"block_sizes": [1, 64, 64], "range_unroll_factors": [0, 2]}
    assert not space.check(given)
    assert space.normalize(given)["range_unroll_factors"] == [0, 2]
