"""Every example kernel goes through Triton's compiler for a GPU that need not be there: its default config, sizes known and not."""

from __future__ import annotations

import pytest

import helion
from helion import compiler
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.target import find_target
from tests.parity.case import Case
from tests.parity.cases import CASES

TARGET = find_target("sm_90")


@pytest.mark.parametrize("static_shapes", [True, False], ids=["static", "dynamic"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_compiles_for_sm_90(case: Case, *, static_shapes: bool) -> None:
    if case.no_dynamic_shapes and not static_shapes:
        pytest.skip(case.no_dynamic_shapes)
    assert TARGET is not None
    kernel = helion.kernel(case.kernel.fn, static_shapes=static_shapes, autotune_effort="none", ignore_warnings=[helion.exc.BaseWarning])
    bound = BoundKernel(kernel, kernel.normalize_args(*case.arguments(1, case.dtypes[-1], "cpu")))
    module = compiler.generate(bound.ir, compiler.config_space(bound.ir, TARGET).default(), TARGET)
    result = compile_module(module, TARGET)
    assert isinstance(result, Artifact), f"{result}\n{module.text}"
