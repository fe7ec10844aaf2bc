"""Measuring in this process: the same answers as from another one."""

from __future__ import annotations

import pytest

from helion.autotune.compile_pool import CompilePool, NoPool, Pool
from helion.autotune.local_process import LocalProcess
from helion.autotune.measure_messages import SetUp
from helion.autotune.measured_evaluator import MeasuredEvaluator
from helion.autotune.result import TuneResult
from helion.target import DEFAULT_TARGET
from tests.autotune.fake_measurer import make_subject
from tests.autotune.fakes import fake_compile_worker
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
    assert sorted(kinds) == ["launch", "wrong-result"]
