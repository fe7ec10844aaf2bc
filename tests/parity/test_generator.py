"""Random numbers: Philox is Triton's bit by bit; torch's factories draw from torch's generator, anew for each launch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from tests.interpreter_process import InterpreterProcess
from tests.parity import generator_checks
from tests.parity.op_cases import OpCase, compile_offline


@pytest.mark.parametrize(
    "check",
    [
        generator_checks.check_philox_is_tritons,
        generator_checks.check_generator_draws,
        generator_checks.check_generator_does_not_know_block_sizes,
        generator_checks.check_normal,
        generator_checks.check_tuning_compares_the_same_numbers,
        generator_checks.check_dropout,
    ],
)
def test_random(check: Callable[[], None], interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(check)
    assert problem is None, problem


def test_compiles_offline() -> None:
    case = OpCase("torch.rand", generator_checks.drawn.fn, lambda generator: (torch.zeros(13, 17),), torch.zeros_like)
    compile_offline(case)
