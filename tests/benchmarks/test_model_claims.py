"""What the model's resolution is taken from: pairs of configs that were measured, and how often the model was right of them."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.model_claims import Claim, claims_of, estimated_again, judge_claims, shares_of_real
from helion.autotune.hopeless import FACTOR
from helion.autotune.model.parameters import DEFAULT_PARAMETERS
from helion.target import find_target

STORED: dict[str, Any] = json.loads(Path("benchmarks/results/h200/model_correlation.json").read_text(encoding="utf-8"))


def row(model: float | None, measured: float | None, noise: float = 1.0) -> dict[str, Any]:
    return {"model_us": model, "measured_us": measured, "noise_us": noise}


def test_the_models_resolution_is_what_was_measured() -> None:
    assert DEFAULT_PARAMETERS.resolution == STORED["claims"]["resolution"]
    assert judge_claims(STORED["kernels"]) == STORED["claims"]


def test_the_stored_estimates_are_those_of_the_model_as_it_is() -> None:
    """Else its resolution is that of another model: `--stored` estimates and judges again."""
    target = find_target(STORED["target"])
    assert target is not None
    rows = [row for kernel in STORED["kernels"] for row in kernel["configs"] if row["model_us"] is not None]
    assert len(rows) > 100
    for stored in rows:
        assert estimated_again(stored, target) == pytest.approx(stored["model_us"], rel=1e-9)


def test_what_is_hopeless_by_its_estimate_was_never_faster() -> None:
    pairs = [
        (first, second)
        for kernel in STORED["kernels"]
        for first, second in itertools.permutations((row for row in kernel["configs"] if row["measured_us"] and row["model_us"]), 2)
        if second["model_us"] > FACTOR * first["model_us"]
    ]
    assert len(pairs) > 100
    assert all(second["measured_us"] > first["measured_us"] for first, second in pairs)


def test_a_gain_is_real_beyond_the_noise_and_compared_within_a_kernel() -> None:
    kernels = [
        {"configs": [row(100, 100), row(50, 98.5), row(80, 99.5), row(None, 1), row(1, None)]},
        {"configs": [row(10, 10), row(10, 20)]},
    ]
    assert [(round(claim.gain, 3), claim.real, claim.good) for claim in claims_of(kernels)] == [
        (0.2, False, False),  # faster by half a µs, within the noise
        (0.375, False, True),
        (0.5, True, False),
    ]


def test_the_fitted_share_never_falls_with_the_gain() -> None:
    outcomes = [(0.1, False), (0.2, True), (0.3, False), (0.4, True), (0.5, True)]
    assert shares_of_real([Claim(gain, real, good=True) for gain, real in outcomes]) == [(0.1, 0.0), (0.2, 0.5), (0.4, 1.0)]


def test_a_model_that_is_never_right_has_no_resolution() -> None:
    assert judge_claims([{"configs": [row(10, 40), row(20, 30), row(40, 20)]}])["resolution"] == 1.0
