"""Every subscript of the language reads and writes what torch's does: eagerly, interpreted with default and random configs."""

from __future__ import annotations

import pytest
import torch

from tests.interpreter_process import InterpreterProcess
from tests.parity.indexing.cut import CUT
from tests.parity.indexing.moved import MOVED
from tests.parity.indexing.run import CASES, Way, run_case

# A third of the configs asks for the copy engine, which takes what moves where tiles are whole or the kernel makes the descriptor, as half
# of those configs say.
_SEEDS = {case.name: 12 for case in (*CUT, *MOVED)}
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.not_eager])
def test_eager(name: str) -> None:
    run_case(name, Way(eager=True))


@pytest.mark.parametrize("static_shapes", [True, False], ids=["static", "dynamic"])
@pytest.mark.parametrize("name", CASES)
def test_interpreted(name: str, static_shapes: bool, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(run_case, name, Way(static_shapes=static_shapes))
    assert problem is None, problem


@pytest.mark.parametrize("static_shapes", [True, False], ids=["static", "dynamic"])
@pytest.mark.parametrize("name", CASES)
def test_random_configs(name: str, static_shapes: bool, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(run_case, name, Way(static_shapes=static_shapes, seeds=_SEEDS.get(name, 3)))
    assert problem is None, problem


@needs_gpu
@pytest.mark.gpu
@pytest.mark.parametrize("static_shapes", [True, False], ids=["static", "dynamic"])
@pytest.mark.parametrize("name", CASES)
def test_on_gpu(name: str, static_shapes: bool) -> None:
    run_case(name, Way(static_shapes=static_shapes, device="cuda"))
    run_case(name, Way(static_shapes=static_shapes, seeds=6, device="cuda"))
