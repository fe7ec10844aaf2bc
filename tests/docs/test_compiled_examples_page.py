"""The page of compiled examples: what spills has a reason, and a reason something that spills."""

from __future__ import annotations

import pytest

from docs.compiled_examples_page import reasons_of

_ROWS = (
    {"kernel": "wide", "target": "sm_90", "spills": 4},
    {"kernel": "wide", "target": "sm_80", "spills": 0},
    {"kernel": "eight_bits", "target": "sm_80", "failed": "no such type"},
)


def test_a_reason_is_told_with_its_kernels_and_targets() -> None:
    listed = [{"kernels": ["wide"], "targets": ["sm_90"], "why": "sums"}]
    assert reasons_of(_ROWS, listed) == [(["wide"], ["sm_90"], "sums")]


def test_what_spills_needs_a_reason() -> None:
    with pytest.raises(ValueError, match=r"without a reason .*\('wide', 'sm_90'\)"):
        reasons_of(_ROWS, [])


def test_a_reason_needs_a_spill() -> None:
    listed = [{"kernels": ["wide"], "targets": ["sm_80", "sm_90"], "why": "sums"}]
    with pytest.raises(ValueError, match=r"do not spill: \[\('wide', 'sm_80'\)\]"):
        reasons_of(_ROWS, listed)
