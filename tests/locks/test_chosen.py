"""A lock that a person chose among a tuning's trials says so wherever its evidence is told."""

from __future__ import annotations

from helion.locks.explanation import evidence_words
from helion.locks.kernel_hash import kernel_hash
from helion.locks.staleness import remarks_of
from helion.source import SourceFile
from helion.syntax.parse import parse_module

TEXT = """
import helion


@helion.kernel
def f(x):
    return x
"""


def test_a_chosen_trial_is_told_from_a_winner() -> None:
    (kernel,) = parse_module(SourceFile("f.py", TEXT)).kernels
    winner = {"method": "measured", "us": 12.34, "kernel_hash": kernel_hash(kernel)}
    assert evidence_words(winner) == "measured 12.3 µs"
    assert remarks_of(winner, kernel) == ()
    chosen = {**winner, "chosen": True}
    assert evidence_words(chosen) == "measured 12.3 µs, chosen by hand"
    assert [remark.facts for remark in remarks_of(chosen, kernel)] == [("chosen",)]
