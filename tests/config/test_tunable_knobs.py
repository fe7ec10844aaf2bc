"""A tunable is a key of its kernel's configs: with the fragment's default, choices and steps, and an error for other values."""

from __future__ import annotations

import random

import pytest
import torch

import helion
import helion.language as hl
from helion.autotuner import BooleanFragment, PowerOfTwoFragment
from helion.config.space import ConfigSpace
from helion.runtime.bound_kernel import BoundKernel


def tuned(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    length = hl.register_tunable("length", PowerOfTwoFragment(4, 64, 16))
    is_doubled = hl.register_tunable("is_doubled", BooleanFragment())
    for tile in hl.tile(x.size(0), block_size=length):
        out[tile] = x[tile] * is_doubled
    return out


@pytest.fixture(scope="module")
def space() -> ConfigSpace:
    return BoundKernel(helion.kernel(tuned, autotune_effort="none"), (torch.zeros(128),)).config_spec


def test_defaults(space: ConfigSpace) -> None:
    config = space.default()
    assert (config["length"], config["is_doubled"]) == (16, False)
    assert "length" not in space.minimize(config)


def test_draws_and_steps(space: ConfigSpace) -> None:
    drawn = [space.sample(random.Random(seed)) for seed in range(60)]
    assert {config["length"] for config in drawn} == {4, 8, 16, 32, 64}
    assert {config["is_doubled"] for config in drawn} == {False, True}
    steps = {(c["length"], c["is_doubled"]) for c in space.neighbours(space.default())}
    assert steps == {(8, False), (32, False), (16, True), (16, False)}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"length": 12}, "`length` cannot be 12: it must be a power of two from 4 to 64"),
        ({"length": 128}, "`length` cannot be 128"),
        ({"is_doubled": 1}, "`is_doubled` cannot be 1"),
        ({"lengths": 16}, "did you mean `length`?"),
    ],
)
def test_other_values(space: ConfigSpace, config: dict[str, object], words: str) -> None:
    (problem,) = space.check(config)
    assert problem.exception == "InvalidConfig"
    assert words in problem.message()
