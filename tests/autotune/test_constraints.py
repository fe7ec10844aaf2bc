"""Constraints on a config space hold for every config that comes out of it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from helion.autotune.constrained_space import ConstrainedSpace, Constraints, NothingAdmittedError
from helion.autotune.searches.pattern import PatternSearch
from helion.config.config import Config
from tests.autotune.fakes import FakeSpace
from tests.autotune.test_searches import run_search


@dataclass(frozen=True)
class TunableFakeSpace(FakeSpace):
    def check(self, config: Mapping[str, Any]) -> tuple[()]:
        return ()

    def normalize(self, config: Mapping[str, Any]) -> Config:
        return Config(**{**self.default(), **config})

    def fingerprint(self) -> str:
        return "fake"


def square(config: Config) -> Config | None:
    m, n = config["block_sizes"]
    return config if m == n else None


@pytest.mark.parametrize(
    ("constraints", "holds"),
    [
        (Constraints(overrides={"num_warps": 2}), lambda config: config["num_warps"] == 2),
        (Constraints(config_filter=square), lambda config: len(set(config["block_sizes"])) == 1),
        (Constraints(config_filter=lambda config: {**config, "num_warps": 1}), lambda config: config["num_warps"] == 1),
        (Constraints(force_persistent=True), lambda config: config["pid_type"] == "persistent_blocked"),
    ],
    ids=["overrides", "filter", "replacing filter", "persistent"],
)
def test_constraints_hold_for_every_config_of_a_search(constraints: Constraints, holds: Any) -> None:
    space = ConstrainedSpace(TunableFakeSpace(), constraints)
    run, _ = run_search(PatternSearch(initial_population=6, copies=2), space=space)
    assert len(run.trials) > 3
    assert all(holds(trial.config) for trial in run.trials)
    rng = random.Random(0)
    assert all(holds(space.sample(rng)) for _ in range(20))
    assert all(holds(neighbour) for neighbour in space.neighbours(space.default()))


def test_where_the_default_is_dropped_another_config_takes_its_place() -> None:
    space = ConstrainedSpace(TunableFakeSpace(), Constraints(config_filter=lambda config: config if config["num_warps"] == 8 else None))
    assert space.default()["num_warps"] == 8
    assert space.default() == space.default()


def test_a_filter_that_drops_everything_is_said() -> None:
    space = ConstrainedSpace(TunableFakeSpace(), Constraints(config_filter=lambda config: None))
    with pytest.raises(NothingAdmittedError, match="autotune_config_filter dropped the default config and 999 others"):
        space.default()
