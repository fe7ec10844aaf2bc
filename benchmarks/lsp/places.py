"""Words of a text in, positions out; seconds in, what is reported of them out."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TypedDict


class Place(TypedDict):
    """A position of the protocol; the texts here are ASCII, so that columns are the same in every encoding."""

    line: int
    character: int


def place_of(text: str, words: str, into: int = 0) -> Place:
    offset = text.index(words) + into
    return {"line": text.count("\n", 0, offset), "character": offset - text.rfind("\n", 0, offset) - 1}


def after(place: Place, words: str) -> Place:
    return {"line": place["line"], "character": place["character"] + len(words)}


def milliseconds(times: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile and the longest."""
    ordered = sorted(t * 1000 for t in times)
    found = {f"p{share}": round(ordered[max(0, round(share / 100 * len(ordered)) - 1)], 3) for share in (95, 99)}
    return {"p50": round(statistics.median(ordered), 3), **found, "max": round(ordered[-1], 3)}
