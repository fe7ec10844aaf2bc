"""Every example kernel gives torch's results: eagerly, on Triton's interpreter, and on a GPU; at odd shapes, for three dtypes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

import helion
from tests.interpreter_process import InterpreterProcess
from tests.parity.cases import CASES
from tests.parity.trial import Trial, as_parameter, run_trial

_ALL = [Trial(case.name, call, dtype) for case in CASES for call in range(len(case.shapes)) for dtype in case.dtypes]

# Sizes as arguments of the kernel: a shape that is neither 1 nor a multiple of a block, and those with nothing in them.
_DYNAMIC = [
    Trial(case.name, call, case.dtypes[0], static_shapes=False)
    for case in CASES
    for call, shapes in enumerate(case.shapes)
    if call == 1 or any(0 in shape for shape in shapes)
]

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")


@pytest.mark.parametrize("trial", _ALL, ids=str)
def test_eager(trial: Trial) -> None:
    run_trial(replace(trial, ref_mode=helion.RefMode.EAGER))


@pytest.mark.parametrize("trial", [as_parameter(t) for t in (*_ALL, *_DYNAMIC)])
def test_interpreted(trial: Trial, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(run_trial, trial)
    assert problem is None, problem


@needs_gpu
@pytest.mark.gpu
@pytest.mark.parametrize("trial", [as_parameter(t) for t in (*_ALL, *_DYNAMIC)])
def test_on_gpu(trial: Trial) -> None:
    run_trial(replace(trial, device="cuda"))
