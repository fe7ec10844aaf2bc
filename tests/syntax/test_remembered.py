"""What is remembered of source, and how much of it."""

from __future__ import annotations

from helion.syntax.remembered import remembered


def _length(text: str) -> int:
    return len(text)


def _one(number: int) -> int:
    return 1


def test_what_was_asked_for_is_not_worked_out_again() -> None:
    asked: list[str] = []

    @remembered(_length)
    def upper(text: str) -> str:
        asked.append(text)
        return text.upper()

    assert [upper("a"), upper("b"), upper("a")] == ["A", "B", "A"]
    assert asked == ["a", "b"]


def test_a_long_piece_takes_the_place_of_many_short_ones() -> None:
    asked: list[str] = []

    @remembered(_length, most=8)
    def upper(text: str) -> str:
        asked.append(text)
        return text.upper()

    for text in ("a", "b", "ccccc", "ddddd", "eeeee", "ddddd", "a"):
        assert upper(text) == text.upper()
    assert asked == ["a", "b", "ccccc", "ddddd", "eeeee", "a"], "the newest are there, the oldest is not"


def test_what_is_asked_for_again_and_again_stays() -> None:
    asked: list[int] = []

    @remembered(_one, most=8)
    def double(number: int) -> int:
        asked.append(number)
        return 2 * number

    for number in range(100):
        assert double(number) == 2 * number
        assert double(0) == 0
    assert asked.count(0) == 1
