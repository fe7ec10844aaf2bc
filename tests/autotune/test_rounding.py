"""What rounding does to a reference is not held against a kernel; what is wrong still is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch

from helion.autotune.correctness import Comparison, Tolerance, compare
from helion.autotune.measure_messages import Checked, CheckResults, MeasureOne, Timings
from helion.autotune.rounding import rounding_of
from helion.autotune.serve_measurements import Bench, WrongResultError
from helion.codegen.triton_module import TritonModule
from tests.autotune.fake_measurer import FakeTimer, Result

TERMS = 600


def summed(arguments: tuple[Any, ...]) -> torch.Tensor:
    """Adds up in the argument's dtype, as atomics do."""
    total = torch.zeros_like(arguments[0][0])
    for term in arguments[0]:
        total += term
    return total


def terms(seed: int = 0) -> torch.Tensor:
    return torch.rand(TERMS, 16, generator=torch.Generator().manual_seed(seed)).bfloat16()


def doubled(arguments: tuple[Any, ...]) -> Any:
    return arguments[0] * 2


def test_sums_that_round_at_every_step_move_and_exact_results_do_not() -> None:
    x = terms()
    assert rounding_of(summed, (x,), summed((x,)), Tolerance()) > 1
    assert rounding_of(doubled, (x,), doubled((x,)), Tolerance()) == 0
    assert rounding_of(summed, (x.float(),), summed((x.float(),)), Tolerance()) == 0


def test_a_reference_that_takes_only_its_own_dtype_is_taken_at_its_word() -> None:
    def picky(arguments: tuple[Any, ...]) -> Any:
        assert arguments[0].dtype == torch.bfloat16
        return summed(arguments)

    assert rounding_of(picky, (terms(),), summed((terms(),)), Tolerance()) == 0


@dataclass
class Sums:
    """A subject whose candidate adds up in `kernel`'s way."""

    kernel: Callable[[torch.Tensor], torch.Tensor]
    device: str = "Fake GPU"
    reference_name: str = "a sum in bfloat16"
    comparison: Comparison = field(default_factory=Comparison)

    def make_timer(self) -> FakeTimer:
        return FakeTimer()

    def inputs(self, input_set: int) -> tuple[Any, ...]:
        return (terms(input_set),)

    def load(self, module: TritonModule) -> Callable[..., Any]:
        def candidate(x: torch.Tensor) -> Result:
            return Result(self.kernel(x), 5.0)

        return candidate

    def reference(self, arguments: tuple[Any, ...]) -> Any:
        return [summed(arguments)]


def exact(x: torch.Tensor) -> torch.Tensor:
    return x.double().sum(0).bfloat16()


MODULE: Any = None


def test_a_kernel_that_is_nearer_the_truth_than_its_reference_passes() -> None:
    assert compare(exact(terms()), summed((terms(),)), Tolerance()).worst > 1
    bench = Bench(Sums(exact))
    assert isinstance(bench.answer(MeasureOne(MODULE, None)), Timings)
    checked = bench.answer(CheckResults(MODULE, 2, 2))
    assert isinstance(checked, Checked)
    assert checked.correctness.passed
    assert 1 < (checked.correctness.worst or 0) <= checked.correctness.allowed


def test_a_kernel_that_is_wrong_does_not() -> None:
    bench = Bench(Sums(lambda x: exact(x) * 2))
    with pytest.raises(WrongResultError):
        bench.answer(MeasureOne(MODULE, None))
    checked = bench.answer(CheckResults(MODULE, 2, 2))
    assert isinstance(checked, Checked)
    assert not checked.correctness.passed
    assert "differs from the reference" in checked.correctness.message
