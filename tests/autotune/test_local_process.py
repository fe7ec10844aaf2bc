"""Measuring in this process: the same answers as from another one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from helion.autotune.candidate import Candidate
from helion.autotune.compile_pool import CompilePool, NoPool, Pool
from helion.autotune.local_process import LocalProcess
from helion.autotune.measure_messages import SetUp
from helion.autotune.measured_evaluator import MeasuredEvaluator
from helion.autotune.result import TuneResult
from helion.config.config import Config
from helion.offline.process import WorkerProcess
from helion.offline.worker import CompileWorker
from helion.target import DEFAULT_TARGET
from tests.autotune.fake_measurer import make_subject
from tests.autotune.fakes import fake_compile_worker, module_that
from tests.autotune.test_tune import behaviours, tune


@pytest.mark.parametrize("pool", [CompilePool(1, DEFAULT_TARGET, workers=[fake_compile_worker()]), NoPool()], ids=["ahead", "not ahead"])
def test_it_measures_confirms_and_checks(pool: Pool) -> None:
    search, generate = behaviours("time 9", "wrong 1", "run-refuse x", "time 4 b")
    evaluator = MeasuredEvaluator(pool, LocalProcess(make_subject), SetUp("good"))
    result = tune(evaluator, search=search, generate=generate)
    assert isinstance(result, TuneResult), result
    assert result.microseconds == 4
    assert result.correctness.passed
    kinds = [trial.outcome.failure.kind for trial in result.trials if trial.outcome.failure is not None]
    assert sorted(kinds) == ["out-of-resources", "wrong-result"]


def test_the_first_candidate_waits_for_no_compiler() -> None:
    """One that never answers would keep it from being measured for ten minutes."""
    stuck = CompileWorker(WorkerProcess([sys.executable, "-c", "import time; time.sleep(1000)"]))
    with closing(CompilePool(1, DEFAULT_TARGET, compile_seconds=600.0, workers=[stuck])) as pool:
        evaluator = MeasuredEvaluator(pool, LocalProcess(make_subject), SetUp("good"), first_at_once=True)
        judged = evaluator.evaluate(candidates("time 9", "time 4"))
        first = next(result for result in judged if result is not None)
        assert first[1].microseconds == 9
        judged.close()


def candidates(*behaviours: str) -> Iterator[Candidate]:
    return (Candidate(Config(num_warps=number), module_that(text), text) for number, text in enumerate(behaviours))
