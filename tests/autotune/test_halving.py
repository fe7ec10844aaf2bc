"""How often a candidate is timed: the nearer to the best, the oftener."""

from __future__ import annotations

import pytest

from helion.autotune.halving import halving


def times_of(time: float, best: float | None, wanted: int = 100) -> tuple[list[float], list[int]]:
    """The times, and how many more were asked for each time."""
    asked: list[int] = []

    def repeat(count: int) -> list[float]:
        asked.append(count)
        return [time] * count

    return halving([time] * 3, repeat, wanted, best), asked


@pytest.mark.parametrize(
    ("time", "best", "asked"),
    [
        (10.0, None, [97]),
        (9.0, 10.0, [9, 36, 52]),
        (10.5, 10.0, [9, 36, 52]),
        (11.3, 10.0, [9, 36]),
        (12.6, 10.0, [9]),
        (15.1, 10.0, []),
    ],
)
def test_what_is_behind_is_given_up_the_sooner_the_further(time: float, best: float | None, asked: list[int]) -> None:
    times, found = times_of(time, best)
    assert found == asked
    assert times == [time] * (3 + sum(asked))


def test_no_more_are_taken_than_wanted() -> None:
    assert times_of(10.0, 10.0, wanted=10) == ([10.0] * 10, [7])
    assert times_of(10.0, 10.0, wanted=3) == ([10.0] * 3, [])
