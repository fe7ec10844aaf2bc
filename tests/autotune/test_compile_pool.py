"""How long compilations may take, from how long those before took."""

from __future__ import annotations

from multiprocessing.connection import wait

import pytest

from helion.autotune.candidate import Candidate
from helion.autotune.compile_pool import AdaptiveDeadline, CompilePool
from helion.config.config import Config
from helion.offline.artifact import Artifact
from helion.target import DEFAULT_TARGET
from tests.autotune.fakes import fake_compile_worker, module_that


@pytest.mark.parametrize(
    ("needed", "deadline"),
    [
        ([1.0] * 9, 60.0),  # too few to know
        ([1.0] * 10, 5.0),
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0], 8.0),
        ([100.0] * 10, 60.0),
    ],
)
def test_a_deadline_comes_down_to_what_most_have_needed(needed: list[float], deadline: float) -> None:
    assert AdaptiveDeadline(least=5.0, quantile=0.7).of(needed, 60.0) == deadline


@pytest.mark.parametrize(("adaptive", "deadline"), [(None, 60.0), (AdaptiveDeadline(least=50.0), 50.0)])
def test_a_pool_counts_what_it_compiled(adaptive: AdaptiveDeadline | None, deadline: float) -> None:
    pool = CompilePool(1, DEFAULT_TARGET, compile_seconds=60.0, adaptive=adaptive, workers=[fake_compile_worker()])
    try:
        for number in range(10):
            assert pool.deadline == 60.0
            pool.start(Candidate(Config(), module_that(f"time {number}"), str(number)))
            wait(pool.connections(), 60.0)
            (compiled,) = pool.collect()
            assert isinstance(compiled.result, Artifact)
        assert pool.deadline == deadline
    finally:
        pool.close()
