"""One run of one case in one way, compared with torch: what a parity test and the interpreter's process have in common."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest
import torch

import helion
from helion.runtime.bound_kernel import BoundKernel
from tests.parity.case import Case
from tests.parity.cases import CASE_BY_NAME

_TOLERANCE = {torch.float32: 2e-5, torch.bfloat16: 2e-2, torch.float16: 3e-3}


@dataclass(frozen=True)
class Trial:
    """`seed` None runs the default config, else one drawn at random."""

    case: str
    call: int
    dtype: torch.dtype
    static_shapes: bool = True
    seed: int | None = None
    ref_mode: helion.RefMode = helion.RefMode.OFF
    device: str = "cpu"

    def __str__(self) -> str:
        case = CASE_BY_NAME[self.case]
        shapes = " ".join("x".join(map(str, shape)) or "scalar" for shape in case.shapes[self.call])
        drawn = "" if self.seed is None else f" seed {self.seed}"
        return f"{self.case} {shapes} {str(self.dtype).removeprefix('torch.')} {'static' if self.static_shapes else 'dynamic'}{drawn}"


def as_parameter(trial: Trial) -> Any:
    """The trial for `pytest.mark.parametrize`: expected to fail where the case says why."""
    reason = "" if trial.static_shapes else CASE_BY_NAME[trial.case].no_dynamic_shapes
    return pytest.param(trial, id=str(trial), marks=[pytest.mark.xfail(reason=reason, strict=True)] if reason else [])


def run_trial(trial: Trial) -> None:
    """Raises AssertionError when the kernel's result is not torch's, and whatever the kernel raises. A random config that needs more
    than the GPU has is skipped: the search drops those too."""
    case = CASE_BY_NAME[trial.case]
    arguments = case.arguments(trial.call, trial.dtype, trial.device)
    actual = _result(case, trial, arguments)
    tolerance = max(_TOLERANCE[trial.dtype], case.gpu_tolerance if trial.device == "cuda" else 0.0)
    torch.testing.assert_close(_comparable(actual), _comparable(case.wanted(arguments, trial.dtype)), rtol=tolerance, atol=tolerance * 2)


def _comparable(result: Any) -> Any:
    """The result with 8-bit floats widened: torch compares those only bit by bit."""
    if isinstance(result, (tuple, list)):
        return tuple(_comparable(item) for item in result)
    is_narrow = isinstance(result, torch.Tensor) and result.is_floating_point() and result.itemsize == 1
    return result.float() if is_narrow else result


def _result(case: Case, trial: Trial, arguments: tuple[object, ...]) -> torch.Tensor:
    kernel = helion.kernel(
        case.kernel.fn, static_shapes=trial.static_shapes, autotune_effort="none", ref_mode=trial.ref_mode, dot_precision="ieee"
    )
    if trial.seed is None:
        return kernel(*arguments)
    arguments = kernel.normalize_args(*arguments)
    bound = kernel.bind(arguments)
    assert isinstance(bound, BoundKernel)
    config = bound.config_spec.sample(random.Random(trial.seed))
    try:
        return bound.compile_config(config)(*arguments)
    except Exception as problem:
        words = f"config: {bound.config_spec.minimize(config)!r}"
        if type(problem).__name__ in ("OutOfResources", "PTXASError"):
            pytest.skip(f"{problem}; {words}")
        problem.add_note(words)
        raise
