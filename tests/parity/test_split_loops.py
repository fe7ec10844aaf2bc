"""A loop runs the rounds in which a comparison of indices holds in every lane without it; loads are brought together; long programs start."""

from __future__ import annotations

import re

import pytest

from helion.config.config import Config
from tests.parity.generated_text import generated

CAUSAL = """\
    for m in hl.tile(x.size(0)):
        acc = hl.zeros([m], dtype=torch.float32)
        for n in hl.tile(0, m.end):
            rows = x[n][None, :] + acc[:, None]
            acc += torch.where({0}, rows, 0.0).sum(1)
        out[m] = acc"""
SIGNATURE = "f32[64], i32[2], f32[64]"
SEEN = "m.index[:, None] >= n.index[None, :]"


def loops(text: str) -> list[str]:
    """The text of each inner loop."""
    return re.findall(r"^    for .*?(?=^    \S)", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    ("condition", "compares"),
    [
        (SEEN, [False, True]),
        ("n.index[None, :] < m.index[:, None] + 1", [False, True]),
        ("n.index[None, :] >= m.index[:, None]", [True, False]),
    ],
)
def test_the_rounds_in_which_all_lanes_compare_alike_do_not_compare(condition: str, compares: list[bool]) -> None:
    found = loops(generated(CAUSAL.format(condition), SIGNATURE, Config(block_sizes=[16, 8])))
    assert ["tl.where(" in loop for loop in found] == compares


@pytest.mark.parametrize("condition", [f"({SEEN}) & (rows > 0)", "n.index[None, :] >= n.begin + 2", "idx[0] > m.index[:, None]"])
def test_other_conditions_leave_a_loop_whole(condition: str) -> None:
    (found,) = loops(generated(CAUSAL.format(condition), SIGNATURE, Config(block_sizes=[16, 8])))
    assert "tl.where(" in found


def test_nothing_is_computed_for_a_comparison_that_is_left_out() -> None:
    first, second = loops(generated(CAUSAL.format(SEEN), SIGNATURE, Config(block_sizes=[16, 8])))
    assert ">=" not in first and ">=" in second


def test_programs_with_more_rounds_start_first() -> None:
    text = generated(CAUSAL.format(SEEN), SIGNATURE, Config(block_sizes=[16, 8]))
    assert "m_offset = (4 - 1 - pid_m) * _BLOCK_SIZE_0" in text or "- 1 - pid_m) * _BLOCK_SIZE_0" in text
    other = generated(CAUSAL.replace("hl.tile(0, m.end)", "hl.tile(m.begin, 64)").format(SEEN), SIGNATURE, Config(block_sizes=[16, 8]))
    assert "m_offset = pid_m * _BLOCK_SIZE_0" in other


def test_a_load_goes_past_arithmetic_only() -> None:
    body = "    for m in hl.tile(x.size(0)):\n        a = torch.tanh(x[m])\n{0}        out[m] = a * x[63 - m.index]"
    together = generated(body.format(""), SIGNATURE, Config(block_sizes=[16]))
    assert together.index("tanh(") > [match.start() for match in re.finditer(r"tl\.load\(", together)][1]
    reduced = generated(body.format("        a = a - a.sum()\n"), SIGNATURE, Config(block_sizes=[16]))
    assert reduced.index("tanh(") < [match.start() for match in re.finditer(r"tl\.load\(", reduced)][1]


def test_a_load_stays_behind_what_an_earlier_one_was_moved_past() -> None:
    lines = (
        "for m in hl.tile(x.size(0)):",
        "    a = x[m]",
        "    place = 63 - m.index",
        "    b = torch.sin(x[m.index])",
        "    out[m] = a + b + x[place]",
    )
    text = generated("\n".join(f"    {line}" for line in lines), SIGNATURE, Config(block_sizes=[16]))
    assert text.index("place = 63") < text.index("x + place)") < text.index("tl.sin(")


def test_a_load_of_what_is_stored_stays_where_it_is() -> None:
    body = "    for m in hl.tile(x.size(0)):\n        a = out[m]\n        out[m] = torch.tanh(a)\n        out[m] += out[m] + x[m]"
    text = generated(body, SIGNATURE, Config(block_sizes=[16]))
    assert text.index("tl.load(x") > text.index("tl.store(")
