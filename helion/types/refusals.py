"""What torch raised for a call of probe sizes in, a refusal in the names of the sizes out; knows nothing of how torch was asked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from helion.types.dims import BlockSymbol, Dim, dim_text
from helion.types.probes import Probes, decoded

# All of which functions raise that torch runs without data.
REFUSALS = (RuntimeError, TypeError, ValueError, IndexError, AttributeError, AssertionError, OverflowError)
_ABOUT_RANK = re.compile("Dimension out of range|only one dimension can be inferred|duplicate dims|repeated dim")  # whatever the sizes
_ABOUT_DATA = re.compile("data-independent|_unique|masked_select|bincount")
_TOO_MANY_UNKNOWN = "there are too many dimensions of unknown size: eight are the most"
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Refusal:
    """Torch rejects the call, in its own words; `certain` when no other sizes of the same names could make it legal.

    `needs_data` when the call is legal but its shape depends on the elements.
    """

    words: str
    certain: bool
    needs_data: bool = False


def refusal_of(problem: Exception, other: Exception | None, dims: Iterable[Dim], probes: tuple[Probes, Probes]) -> Refusal:
    """The refusal of a call with these sizes; `other` is what torch raised for the second probes, if it did."""
    if isinstance(problem, NotImplementedError):
        return Refusal(_first_line(problem), certain=True, needs_data=_ABOUT_DATA.search(str(problem)) is not None)
    symbols = [symbol for size in dims for symbol in size.free_symbols]
    is_fixed = all(isinstance(symbol, BlockSymbol) for symbol in symbols)
    if str(problem).startswith("Storage size calculation overflowed"):
        return Refusal(_TOO_MANY_UNKNOWN if symbols else "it is larger than any memory", is_fixed)
    first, second = _first_line(problem), "" if other is None else _first_line(other)
    is_about_rank = first == second and _ABOUT_RANK.search(first) is not None
    return Refusal(_in_names(first, second, probes), is_fixed or is_about_rank)


def _first_line(problem: Exception) -> str:
    words = str(problem).strip()
    return words.splitlines()[0] if words else "no reason given"


def _in_names(words: str, other: str, probes: tuple[Probes, Probes]) -> str:
    """Numbers that differ with the sizes are written as what they stand for."""
    numbers = _NUMBER.findall(other)
    if len(numbers) != len(_NUMBER.findall(words)):
        return words
    seconds = iter(numbers)

    def named(match: re.Match[str]) -> str:
        first, second = int(match[0]), int(next(seconds))
        size = None if first == second else decoded(probes, first, second)
        return match[0] if size is None else dim_text(size)

    return _NUMBER.sub(named, words)
