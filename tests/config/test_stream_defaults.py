"""Loops that load and store many rounds are loaded ahead; rows that are only read leave the cache at once."""

from __future__ import annotations

import pytest

from examples.jsd import jsd
from examples.kl_div import kl_div
from examples.rms_norm import rms_norm, rms_norm_backward
from examples.softmax import softmax_two_pass
from examples.sum import row_sum
from helion.target import find_target
from tests.config.test_dot_defaults import bf16, default_of


def test_many_rounds_that_store_are_loaded_ahead_by_a_program_a_multiprocessor() -> None:
    found = default_of(rms_norm_backward, bf16(16384, 8192), bf16(16384, 8192), bf16(8192))
    assert (found.block_sizes, list(found["range_num_stages"])) == ([128, 1], [0, 3])
    target = find_target("sm_90")
    assert target is not None and target.multiprocessors >= 16384 / 128


@pytest.mark.parametrize(("rows", "columns", "stages"), [(32768, 4096, 5), (65536, 2048, 5), (16384, 8192, 3)])
def test_shorter_rows_are_loaded_further_ahead(rows: int, columns: int, stages: int) -> None:
    found = default_of(rms_norm_backward, bf16(rows, columns), bf16(rows, columns), bf16(columns))
    assert list(found["range_num_stages"]) == [0, stages]


def test_few_rounds_are_not() -> None:
    found = default_of(rms_norm_backward, bf16(512, 8192), bf16(512, 8192), bf16(8192))
    assert not any(found.get("range_num_stages", ()))


def test_chunks_of_a_walk_that_is_loaded_ahead_are_shorter() -> None:
    logits = bf16(8192, 32768)
    ahead, read_only = default_of(jsd, logits, logits), default_of(kl_div, logits, logits)
    assert (ahead.block_sizes, list(ahead["range_num_stages"])) == ([4096, 1], [0, 3])
    assert (read_only.block_sizes[0], any(read_only.get("range_num_stages", ()))) == (8192, False)


def test_what_was_loaded_before_is_in_the_cache() -> None:
    found = default_of(softmax_two_pass, bf16(4096, 65536))
    assert found.block_sizes == [1, 8192, 8192]
    assert not any(found.get("range_num_stages", ()))


def test_other_vendors_loops_are_left_to_their_compiler() -> None:
    found = default_of(rms_norm_backward, bf16(16384, 8192), bf16(16384, 8192), bf16(8192), target="gfx950")
    assert not any(found.get("range_num_stages", ()))


def test_rows_that_are_only_read_leave_the_cache_and_have_more_warps() -> None:
    read, written = default_of(row_sum, bf16(16384, 8192)), default_of(rms_norm, bf16(16384, 8192), bf16(8192))
    assert (list(read["load_eviction_policies"]), read["num_warps"]) == (["first"], 16)
    assert (list(written["load_eviction_policies"]), written["num_warps"]) == (["last", ""], 8)
