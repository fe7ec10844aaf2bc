"""Printing and stopping in device code, where Python runs it and where it does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

import helion
from helion import compiler
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.target import DEFAULT_TARGET
from tests.interpreter_process import InterpreterProcess
from tests.parity.debugging_checks import check_printed, check_stopped, printing, stopping


@pytest.mark.parametrize("check", [check_printed, check_stopped])
def test_interpreted(check: Callable[[helion.RefMode], None], interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(check, helion.RefMode.OFF)
    assert problem is None, problem


@pytest.mark.parametrize("check", [check_printed, check_stopped])
def test_eager(check: Callable[[helion.RefMode], None]) -> None:
    check(helion.RefMode.EAGER)


def test_a_gpu_cannot_stop() -> None:
    kernel = helion.kernel(stopping, autotune_effort="none")
    with pytest.raises(helion.exc.BreakpointInDeviceLoopRequiresInterpret, match="HELION_INTERPRET=1") as raised:
        BoundKernel(kernel, (torch.arange(8.0),))
    assert len(raised.value.diagnostics) == 2


def test_printing_compiles_offline() -> None:
    bound = BoundKernel(helion.kernel(printing, autotune_effort="none"), (torch.arange(8.0),))
    space = compiler.config_space(bound.ir, DEFAULT_TARGET)
    result = compile_module(compiler.generate(bound.ir, space.default(), DEFAULT_TARGET), DEFAULT_TARGET)
    assert isinstance(result, Artifact), result
