"""Rows that are walked once go three chunks at a time; rows that one round holds are loaded once, by as many warps as have kilobytes to load."""

from __future__ import annotations

import torch

from examples.cross_entropy import cross_entropy
from examples.softmax import softmax, softmax_two_pass
from examples.welford import welford_layer_norm
from tests.config.test_dot_defaults import bf16, default_of

_LABELS = torch.empty(4096, dtype=torch.int64)


def test_chunks_of_a_row_that_is_walked_once_have_as_many_bytes_whatever_the_dtype() -> None:
    for dtype, chunk in ((torch.bfloat16, 8192), (torch.float32, 4096)):
        found = default_of(cross_entropy, torch.empty(4096, 131072, dtype=dtype, device="meta"), _LABELS.to("meta"))
        assert (found["reduction_loops"], found["num_warps"], found["num_stages"]) == ([chunk], 16, 3)
        assert found["load_eviction_policies"] == ["", "", "first"]


def test_a_row_that_begins_anywhere_has_short_chunks_one_by_one() -> None:
    for rows in (bf16(4096, 50257), bf16(64, 32770)):
        found = default_of(cross_entropy, rows, torch.empty(rows.size(0), dtype=torch.int64, device=rows.device))
        assert (found["reduction_loops"], found["num_warps"], found["num_stages"]) == ([2048], 8, 1)


def test_other_vendors_pipeline_as_they_see_fit() -> None:
    found = default_of(cross_entropy, bf16(64, 131072), torch.empty(64, dtype=torch.int64), target="gfx950")
    assert (found["num_warps"], found["num_stages"]) == (8, 1)


def test_rows_that_are_written_as_well_are_walked_one_chunk_at_a_time() -> None:
    assert default_of(softmax, bf16(64, 131072))["num_stages"] == 1


def test_of_a_row_in_one_chunk_nothing_is_dropped_so_that_both_loads_are_one() -> None:
    assert default_of(softmax_two_pass, bf16(64, 8192))["load_eviction_policies"] == ["last", "last"]
    assert default_of(softmax_two_pass, bf16(64, 32768))["load_eviction_policies"] == ["last", "first"]


def test_a_row_in_one_chunk_has_a_warp_a_kilobyte_up_to_8() -> None:
    for dtype, length, warps in ((torch.float32, 2048, 8), (torch.bfloat16, 2048, 4), (torch.bfloat16, 8192, 8)):
        rows, one = torch.empty(64, length, dtype=dtype), torch.empty(length, dtype=dtype)
        assert default_of(welford_layer_norm, rows, one, one)["num_warps"] == warps
