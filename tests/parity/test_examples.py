"""The examples run as scripts, on Triton's interpreter where there is no GPU."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interpreter_process import InterpreterProcess
from tests.parity.example_script import run_example_file

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_agree_with_torch(path: Path, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(run_example_file, str(path))
    assert problem is None, problem
