"""A config changes how a kernel runs, never what it means: random configs give the same results."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.interpreter_process import InterpreterProcess
from tests.parity.cases import CASES
from tests.parity.test_parity import needs_gpu
from tests.parity.trial import Trial, as_parameter, run_trial

_DRAWS = [
    Trial(case.name, 1, case.dtypes[0], static_shapes=static, seed=seed) for case in CASES for static in (True, False) for seed in range(4)
]
_GPU_DRAWS = [replace(trial, seed=seed, device="cuda") for trial in _DRAWS if trial.seed == 0 for seed in range(6)]


@pytest.mark.parametrize("trial", [as_parameter(t) for t in _DRAWS])
def test_random_configs_interpreted(trial: Trial, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(run_trial, trial)
    assert problem is None, problem


@needs_gpu
@pytest.mark.gpu
@pytest.mark.parametrize("trial", [as_parameter(t) for t in _GPU_DRAWS])
def test_random_configs_on_gpu(trial: Trial) -> None:
    run_trial(trial)
