"""Loops carry what is read later and nothing else; numbers take the dtype of what they are combined with."""

from __future__ import annotations

import re

from helion.config.config import Config
from tests.parity.generated_text import generated

TWO_WALKS = """\
    for t in hl.tile(x.size(0)):
        acc = hl.zeros([t], dtype=torch.float32)
        for u in hl.tile(idx[0]):
            step = acc + x[t]
            acc = acc + step
        for u in hl.tile(idx[1]):
            step = acc * x[t]
            acc = acc + step
        out[t] = {0}"""
SIGNATURE = "f32[64], i32[2], f32[64]"


def carried(text: str) -> list[str]:
    """What is assigned right before each loop and again at its end."""
    return re.findall(r"^    (\w+) = \w+\n(?=(?:    \w+ = \w+\n)*    for )", text, re.MULTILINE)


def test_a_name_that_two_loops_assign_is_not_carried_from_one_to_the_other() -> None:
    text = generated(TWO_WALKS.format("acc"), SIGNATURE, Config(block_sizes=[16, 16, 16]))
    assert [name.split("_")[0] for name in carried(text)] == ["acc", "acc"]


def test_a_name_that_is_read_after_the_loops_is_carried_from_where_it_is_assigned() -> None:
    text = generated(TWO_WALKS.format("acc + step"), SIGNATURE, Config(block_sizes=[16, 16, 16]))
    assert sorted(name.split("_")[0] for name in carried(text)) == ["acc", "acc", "step", "step"]


def test_a_number_beside_an_int32_from_memory_is_int32() -> None:
    body = "    for t in hl.tile(x.size(0)):\n        first = idx[0] * 4 + t.begin\n        out[t] = x[first]"
    assert "tl.int64" not in generated(body, SIGNATURE, Config(block_sizes=[16]))


def test_an_unrolled_loop_begins_no_later_than_it_ends() -> None:
    """Triton runs rounds of one that does: `split_k_barrier` was wrong on a GPU where a part of the sum had nothing to add."""
    body = "    for t in hl.tile(x.size(0)):\n        acc = hl.zeros([t], dtype=torch.float32)\n        for u in hl.tile({0}):\n            acc = acc + x[u].sum()\n        out[t] = acc"
    config = Config(block_sizes=[16, 16], range_unroll_factors=[0, 3])
    assert "in tl.range(tl.minimum(" in generated(body.format("idx[0], idx[1]"), SIGNATURE, config)
    assert "in tl.range(0, " in generated(body.format("idx[1]"), SIGNATURE, config)
    assert "in tl.range(16, 64, " in generated(body.format("16, 64"), SIGNATURE, config)
    shared_out = Config(block_sizes=[16, 16], pid_type="persistent_interleaved", range_unroll_factors=[2, 0])
    assert "in tl.range(tl.minimum(program, total_tiles)" in generated(body.format("idx[1]"), SIGNATURE, shared_out)
