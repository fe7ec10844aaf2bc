"""Indices have 64 bits where a tensor needs them or the setting asks for them, and only there; 32 bits that do not reach are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helion.config.config import Config
from tests.interpreter_process import InterpreterProcess
from tests.parity.generated_text import generated
from tests.parity.indexing.width_checks import (
    check_calls_of_one_kernel,
    check_far_elements,
    check_program_ids,
    check_refusals,
    check_widths,
)


@pytest.mark.parametrize("check", [check_widths, check_calls_of_one_kernel, check_far_elements, check_program_ids, check_refusals])
def test_index_width(check: Callable[[], None], interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(check)
    assert problem is None, problem


@pytest.mark.parametrize(
    ("index", "dtype", "expected"),
    [
        ("idx[t][:, None] + hl.arange(4)[None, :]", "i64", True),
        ("idx[t][:, None] + hl.arange(4)[None, :]", "i32", False),
        ("idx[t]", "i64", False),
    ],
)
def test_wide_indices_over_several_dims_are_narrowed(index: str, dtype: str, expected: bool) -> None:
    text = generated(
        f"    for t in hl.tile(x.size(0)):\n        out[{index}] = 0.0", f"f32[64], {dtype}[64], f32[64]", Config(block_sizes=[16])
    )
    assert ("tl.store(out + (tl.cast(" in text) is expected


@pytest.mark.parametrize(("dtype", "expected"), [("i64", True), ("i32", False)])
def test_tiles_between_bounds_in_memory_have_the_width_of_indices(dtype: str, expected: bool) -> None:
    body = """\
    for b in hl.grid(idx.size(0) - 1):
        for t in hl.tile(idx[b], idx[b + 1]):
            out[t] = x[t] * 2.0"""
    text = generated(body, f"f32[64], {dtype}[8], f32[64]", Config(block_sizes=[16]))
    assert ("t_begin = tl.cast(" in text and "in tl.range(t_begin, t_end, _BLOCK_SIZE" in text) is expected, text


def test_lanes_of_a_jagged_tile_end_in_the_width_of_indices() -> None:
    body = """\
    for b in hl.tile(idx.size(0) - 1):
        begin = idx[b]
        for t in hl.jagged_tile(idx[b.index + 1] - begin):
            out[begin[:, None] + t.index[None, :]] = 0.0"""
    text = generated(body, "f32[64], i64[8], f32[64]", Config(block_sizes=[4, 16]))
    assert "t_lane_ends = tl.cast(" in text, text
