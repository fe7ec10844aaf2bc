"""Each operation of the language gives torch's results: eagerly, on Triton's interpreter, and on a GPU; and compiles for one offline."""

from __future__ import annotations

import pytest

from tests.interpreter_process import InterpreterProcess
from tests.parity.op_cases import compile_offline, run_configs, run_eagerly
from tests.parity.op_table import CASES, interpret_case
from tests.parity.test_parity import needs_gpu

each_case = pytest.mark.parametrize("name", CASES)


@each_case
def test_eager(name: str) -> None:
    if CASES[name].not_eager:
        pytest.skip(CASES[name].not_eager)
    run_eagerly(CASES[name])


@each_case
def test_interpreted(name: str, interpreter: InterpreterProcess) -> None:
    if CASES[name].not_interpreted:
        pytest.skip(CASES[name].not_interpreted)
    problem = interpreter.run(interpret_case, name)
    assert problem is None, problem


@each_case
def test_compiles_offline(name: str) -> None:
    compile_offline(CASES[name])


@needs_gpu
@pytest.mark.gpu
@each_case
def test_on_gpu(name: str) -> None:
    run_configs(CASES[name], "cuda")
