"""Calls of one specialization find what runs them by their sizes, for which it is asked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch

from helion.runtime import dispatch_by_sizes as dispatching
from helion.runtime.dispatch_by_sizes import Runs, dispatch_by_sizes


@dataclass
class Asked:
    """What runs calls says how often it was asked before, and what it was called with."""

    of: list[Sequence[Any]] = field(default_factory=list[Sequence[Any]])

    def __call__(self, args: Sequence[Any]) -> Runs:
        self.of.append(args)
        number = len(self.of)
        return (lambda *called: (number, called)), (lambda *called: (-number, called))


SHORT, LONG, WIDE = torch.zeros(4), torch.zeros(9), torch.zeros(4, 9)


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([(SHORT,), (LONG,), (SHORT + 1,), (LONG,)], [1, 2, 1, 2]),
        ([(SHORT, 2.0), (SHORT, 3.0), (LONG, 2.0)], [1, 1, 2]),
        ([(SHORT, LONG), (LONG, SHORT), (SHORT, LONG)], [1, 2, 1]),
        ([([SHORT, LONG], None), ([LONG, LONG], None), ([SHORT, LONG], None), ([SHORT], None)], [1, 2, 1, 3]),
        ([("gelu", [SHORT, [WIDE, 1]]), ("gelu", [SHORT, [WIDE.t(), 1]]), ("gelu", [SHORT, [WIDE, 2]])], [1, 2, 1]),
        ([(1,), (2,)], [1, 1]),
    ],
    ids=["a tensor", "a number", "two tensors", "a list", "a list in a list", "nothing with sizes"],
)
def test_what_runs_a_call_is_asked_for_once_for_all_its_sizes(calls: Sequence[tuple[Any, ...]], expected: list[int]) -> None:
    asked = Asked()
    run, _ = dispatch_by_sizes(calls[0], asked)
    found = [run(*args) for args in calls]
    assert [number for number, _ in found] == expected
    assert all(
        called is given or called == given
        for (_, call), args in zip(found, calls, strict=True)
        for called, given in zip(call, args, strict=True)
    )
    assert len(asked.of) == max(expected)


def test_ever_new_sizes_do_not_grow_a_table_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatching, "_MOST", 2)
    asked = Asked()
    run, _ = dispatch_by_sizes((SHORT,), asked)
    numbers = [run(torch.zeros(length))[0] for length in (1, 2, 1, 3, 1, 3)]
    assert numbers == [1, 2, 1, 3, 4, 3]


def test_both_ways_of_running_are_asked_for_at_once() -> None:
    asked = Asked()
    usual, unwatched = dispatch_by_sizes((SHORT,), asked)
    assert [unwatched(SHORT)[0], usual(SHORT)[0], usual(LONG)[0], unwatched(LONG)[0]] == [-1, 1, 2, -2]
    assert len(asked.of) == 2
