"""Comparing results: tolerances by dtype and magnitude, special values, structure."""

from __future__ import annotations

import pytest
import torch

from helion.autotune.correctness import Tolerance, compare

TOLERANCE = Tolerance()


def passes(actual: object, expected: object, tolerance: Tolerance = TOLERANCE) -> bool:
    return compare(actual, expected, tolerance).worst <= 1


def test_rounding_passes_and_a_wrong_element_does_not() -> None:
    x = torch.randn(64, 64)
    assert passes(x.bfloat16(), (x * 1.002).bfloat16())
    wrong = x.clone()
    wrong[3, 5] += 1
    assert not passes(wrong, x)
    assert "result differs" in compare(wrong, x, TOLERANCE).message


def test_cancellation_near_zero_is_judged_by_the_typical_magnitude() -> None:
    expected = torch.tensor([100.0, -80.0, 0.001])
    assert passes(expected + torch.tensor([0.0, 0.0, 0.1]), expected)
    assert not passes(expected + torch.tensor([0.0, 0.0, 2.0]), expected)


def test_a_row_of_large_values_is_judged_by_its_own_magnitude() -> None:
    """As weights differ from row to row in a state-space scan: what cancelled in one row is as uncertain as what did not."""
    expected = torch.ones(1000, 4)
    expected[7] = torch.tensor([1000.0, -800.0, 600.0, 0.001])
    for row, passed in ((7, True), (8, False)):
        moved = expected.clone()
        moved[row, 3] += 5
        assert passes(moved, expected) is passed
    beyond = expected.clone()
    beyond[7, 3] += 50
    assert not passes(beyond, expected)


@pytest.mark.parametrize(("actual", "expected", "same"), [([3, 4], [3, 4], True), ([3, 5], [3, 4], False)])
def test_integers_are_exact(actual: list[int], expected: list[int], same: bool) -> None:
    assert passes(torch.tensor(actual), torch.tensor(expected)) is same


def test_special_values_must_be_in_the_same_places() -> None:
    expected = torch.tensor([float("nan"), float("inf"), 1.0])
    assert passes(expected.clone(), expected)
    assert not passes(torch.tensor([float("nan"), -float("inf"), 1.0]), expected)
    assert not passes(torch.tensor([0.0, float("inf"), 1.0]), expected)
    assert not passes(torch.tensor([float("nan"), float("inf"), float("nan")]), expected)


def test_structure_shape_and_dtype_count() -> None:
    x = torch.ones(3)
    assert passes((x, {"a": [x, 2]}), (x, {"a": [x, 2]}))
    assert not passes((x, x), (x,))
    assert not passes(x, x.double())
    assert not passes(x, torch.ones(4))
    assert passes(torch.empty(0, 4), torch.empty(0, 4))


def test_settings_may_say_how_close() -> None:
    x = torch.ones(4)
    assert not passes(x * 1.1, x)
    assert passes(x * 1.1, x, Tolerance(relative=0.06))
    assert passes(x * 1.1, x, Tolerance(relative=0.0, absolute=0.2))


def test_of_millions_of_elements_a_few_may_stray_a_little() -> None:
    expected = torch.ones(3_000_000)
    few, many, far = expected.clone(), expected.clone(), expected.clone()
    few[:3] += 0.03
    many[:4] += 0.03
    far[0] += 0.05
    assert compare(few, expected, Tolerance()).worst < 1 < compare(many, expected, Tolerance()).worst
    assert compare(far, expected, Tolerance()).worst > 1
    assert compare(few[:1000], expected[:1000], Tolerance()).worst > 1
