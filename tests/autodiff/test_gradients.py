"""Gradients by derived kernels are those of torch's autograd, interpreted and on the GPU, and their kernels compile without one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helion import compiler, experimental
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.target import find_target
from tests.autodiff import kernel_checks
from tests.autodiff.cases import CASES, Case, as_tuple, check
from tests.autodiff.refused_kernels import REFUSED
from tests.interpreter_process import InterpreterProcess
from tests.parity.test_parity import needs_gpu

_NAMES = [case.name for case in CASES]
_WHOLE = [name for name in _NAMES if not name.startswith(("unary_", "binary_"))]


@pytest.mark.parametrize("name", _NAMES)
def test_interpreted(name: str, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(check, name)
    assert problem is None, problem


@pytest.mark.parametrize("seed", [0])
@pytest.mark.parametrize("name", _WHOLE)
def test_random_configs(name: str, seed: int, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(check, name, seed)
    assert problem is None, problem


@needs_gpu
@pytest.mark.gpu
@pytest.mark.parametrize("name", _NAMES)
def test_on_the_gpu(name: str) -> None:
    check(name, device="cuda")


@pytest.mark.parametrize("name", [kernel.name for kernel, _, _ in REFUSED])
def test_refuses(name: str, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(kernel_checks.refuses, name)
    assert problem is None, problem


@pytest.mark.parametrize(
    "check_kernel",
    [
        kernel_checks.has_the_text_of_the_guide,
        kernel_checks.is_derived_once,
        kernel_checks.leaves_out_outputs_without_a_gradient,
        kernel_checks.follows_constants_of_the_module,
        kernel_checks.counts_gradients,
        kernel_checks.runs_in_reference_mode,
        kernel_checks.may_require_gradients,
    ],
    ids=lambda function: function.__name__,
)
def test_kernel(check_kernel: Callable[[], None], interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(check_kernel)
    assert problem is None, problem


@pytest.mark.parametrize("name", ["sm_90", "gfx950"])
@pytest.mark.parametrize("case", [case for case in CASES if case.name in _WHOLE], ids=lambda case: case.name)
def test_compiles(case: Case, name: str) -> None:
    """Arguments without data need no GPU."""
    target = find_target(name)
    assert target is not None
    args = case.make("meta")
    gradient = experimental.gradient_kernel(case.kernel, *args)
    given = as_tuple(case.reference(*args))
    bound = BoundKernel(gradient, (*given, *gradient.normalize_args(*given, *args)[len(given) :]))
    module = compiler.generate(bound.ir, compiler.config_space(bound.ir, target).default(), target)
    result = compile_module(module, target)
    assert isinstance(result, Artifact), f"{result}\n{module.text}"
