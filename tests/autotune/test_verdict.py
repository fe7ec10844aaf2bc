"""When a lock may be written: a gain over what calls run now, beyond the noise, with results that were checked enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helion.autotune.evaluator import Correctness
from helion.autotune.result import TuneResult
from helion.autotune.searches.finite import FiniteSearch
from helion.autotune.verdict import verdict_of
from helion.config.config import Config
from tests.autotune.fakes import FakeEvaluator, FakeSpace, module_that
from tests.autotune.test_tune import tune

DEFAULT = FakeSpace().default()
CURRENT = Config(block_sizes=[64, 64], num_warps=4)
NEW = Config(block_sizes=[128, 128], num_warps=8)


def tuned(default: float, current: float, new: float, *, noise: float = 0.5, order=(DEFAULT, CURRENT, NEW)) -> TuneResult:
    times = {DEFAULT: default, CURRENT: current, NEW: new}
    generate = lambda config: module_that(f"time {times[config]} {config}")  # noqa: E731
    result = tune(FakeEvaluator(noise=noise), search=FiniteSearch(order), generate=generate, current=CURRENT)
    assert isinstance(result, TuneResult)
    return result


@pytest.mark.parametrize(
    ("times", "winner", "write"),
    [
        ((20.0, 15.0, 10.0), NEW, True),
        ((20.0, 10.2, 10.0), CURRENT, False),
        ((10.0, 15.0, 9.8), DEFAULT, True),
        ((10.0, 10.1, 9.9), CURRENT, False),
        ((20.0, 10.0, 15.0), CURRENT, False),
    ],
)
def test_the_winner_beats_what_calls_run_now_and_the_default(times: tuple[float, float, float], winner: Config, write: bool) -> None:
    result = tuned(*times)
    assert result.config == winner
    assert verdict_of(result, keep_partial=True).write is write
    assert (result.default_microseconds, result.current_microseconds) == times[:2]


def test_the_default_takes_the_place_of_a_lock_that_does_not_fit() -> None:
    """Calls would fail with it: to leave it is no choice."""
    nothing_faster = replace(tuned(10.0, 15.0, 9.8, order=(DEFAULT,)), current=None, significant=False)
    assert not verdict_of(nothing_faster, keep_partial=True).write
    verdict = verdict_of(nothing_faster, keep_partial=True, is_broken=True)
    assert verdict.write
    assert "does not fit the kernel" in verdict.words
    unchecked = replace(nothing_faster, correctness=replace(nothing_faster.correctness, passed=False))
    assert not verdict_of(unchecked, keep_partial=True, is_broken=True).write
    assert not verdict_of(replace(nothing_faster, partial=True), keep_partial=True, is_broken=True).write


def test_the_same_code_is_no_change() -> None:
    result = tune(
        FakeEvaluator(noise=0.1), search=FiniteSearch((DEFAULT, CURRENT)), generate=lambda _: module_that("time 5"), current=CURRENT
    )
    assert isinstance(result, TuneResult)
    assert not result.significant


RESULT = tuned(20.0, 15.0, 10.0)


@pytest.mark.parametrize(
    ("passed", "sets", "repeats", "message", "write"),
    [
        (True, 2, 3, "", True),
        (True, 1, 3, "", False),
        (True, 2, 1, "", False),
        (None, 0, 0, "not checked: autotune_accuracy_check is off", True),
        (None, 0, 0, "not checked: something else", False),
    ],
)
def test_results_are_checked_enough(passed: bool | None, sets: int, repeats: int, message: str, write: bool) -> None:
    result = replace(RESULT, correctness=Correctness(passed, "the eager reference", sets, repeats, 0.1, message))
    assert result.method == "measured"
    assert verdict_of(result, keep_partial=True).write is write


def test_what_was_stopped_is_kept_only_when_asked_and_only_for_a_gain() -> None:
    partial = replace(RESULT, partial=True, correctness=Correctness(None, "none", 0, 0, None, "not checked: cancelled"))
    assert "partial" in verdict_of(partial, keep_partial=True).words
    assert not verdict_of(partial, keep_partial=False).write
    assert not verdict_of(replace(partial, noise=6.0), keep_partial=True).write


def test_an_estimate_says_that_it_is_one() -> None:
    estimate = replace(RESULT, method="model", correctness=Correctness(None, "none", 0, 0, None, "not run"))
    verdict = verdict_of(estimate, keep_partial=True)
    assert (verdict.write, "estimated" in verdict.words) == (True, True)
