"""Every example, checked from its text alone and for real arguments: the two never contradict each other."""

from __future__ import annotations

import inspect
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import torch

from helion.settings import Settings
from helion.signatures.from_arguments import signature_from_arguments
from helion.signatures.from_values import module_of_code
from helion.signatures.infer import infer_signature
from helion.syntax.tree import KernelSyntax
from helion.typecheck.check import check_kernel
from helion.typecheck.global_names import FileGlobals, LiveGlobals
from helion.typed_kernel.tree import TypedKernel
from helion.types.types import Region, TensorType
from tests.parity.case import Case
from tests.parity.cases import CASES
from tests.typing.agreement import Sizes, contradicts, covers, disagreements


def syntax_of(case: Case) -> KernelSyntax:
    module = module_of_code(case.kernel.fn.__code__)
    assert module is not None
    return next(k for k in module.kernels if k.name == case.kernel.fn.__name__)


@cache
def from_text(name: str, *, from_calls: bool) -> TypedKernel:
    kernel = syntax_of(next(case for case in CASES if case.name == name))
    names = FileGlobals(kernel.module)
    return check_kernel(kernel, infer_signature(kernel, names, from_calls=from_calls), names, Settings())


def from_arguments(case: Case, args: tuple[Any, ...], *, static_shapes: bool) -> TypedKernel:
    signature = inspect.signature(case.kernel.fn)
    bound = signature.bind(*args)
    bound.apply_defaults()
    types = signature_from_arguments(signature, tuple(bound.arguments.values()), static_shapes=static_shapes)
    settings = replace(Settings(), static_shapes=static_shapes)
    return check_kernel(syntax_of(case), types, LiveGlobals(case.kernel.fn), settings)


@pytest.mark.parametrize("static_shapes", [True, False])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_without_calls_as_evidence_every_call_agrees(case: Case, static_shapes: bool) -> None:
    editor = from_text(case.name, from_calls=False)
    for call in range(len(case.shapes)):
        for dtype in {torch.bfloat16, torch.float32}.intersection(case.dtypes):
            jit = from_arguments(case, case.arguments(call, dtype, "cpu"), static_shapes=static_shapes)
            assert not jit.diagnostics
            if not contradicts(editor, jit):
                assert list(disagreements(editor, jit)) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_with_calls_as_evidence_the_calls_like_them_agree(case: Case) -> None:
    editor = from_text(case.name, from_calls=True)
    for call in range(len(case.shapes)):
        jit = from_arguments(case, case.arguments(call, torch.bfloat16, "cpu"), static_shapes=True)
        if not contradicts(editor, jit):
            assert list(disagreements(editor, jit)) == []


def has_functions_of_its_own(case: Case) -> bool:
    """Whether it gives functions other than the defaults, so that its calls are not like what the text says."""
    defaults = [p.default for p in inspect.signature(case.kernel.fn).parameters.values()]
    given = zip(case.extra, defaults[len(case.shapes[0]) :], strict=False)
    return any(callable(value) and value is not default for value, default in given)


@pytest.mark.parametrize("case", [case for case in CASES if not has_functions_of_its_own(case)], ids=lambda case: case.name)
def test_most_calls_are_compared(case: Case) -> None:
    """The property would say nothing if the text led to expect what no call gives."""
    editor = from_text(case.name, from_calls=False)
    calls = [from_arguments(case, case.arguments(i, torch.float32, "cpu"), static_shapes=True) for i in range(len(case.shapes))]
    assert sum(not contradicts(editor, jit) for jit in calls) >= len(calls) - 1


def test_the_property_notices_a_wrong_type() -> None:
    case = next(case for case in CASES if case.name == "matmul")
    editor, jit = from_text("matmul", from_calls=False), from_arguments(case, case.arguments(1, torch.float32, "cpu"), static_shapes=True)
    wrong = TensorType((), torch.float64, Region.DEVICE)
    spoiled = replace(editor, body=(replace(editor.body[0], values=(replace(editor.body[0].values[0], type=wrong),)), *editor.body[1:]))
    assert any("f64[]" in problem for problem in disagreements(spoiled, jit))


def test_less_specific_is_one_way() -> None:
    jit = from_arguments(CASES[0], CASES[0].arguments(1, torch.float32, "cpu"), static_shapes=True)
    known = jit.parameters[0].binding.type
    assert isinstance(known, TensorType)
    open_ = replace(known, dtype=None)
    assert covers(open_, known, Sizes(jit))
    assert not covers(known, open_, Sizes(jit))
