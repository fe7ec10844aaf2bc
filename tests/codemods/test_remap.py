"""Lists that follow their places: short lists, values for all places, grouped block sizes, places of one name."""

from __future__ import annotations

from typing import Any

import pytest

from helion_codemods.commands.remap import EntrySites, remapped_config
from helion_codemods.outcome import Refused


def moved(values: dict[str, Any], then: dict[str, list[str]], now: dict[str, list[str]], **more: Any) -> Any:
    drop = more.pop("drop_gone", False)
    return remapped_config(values, EntrySites("sm_90", None, then, now, **more), drop_gone=drop)


def test_what_is_no_list_and_what_has_no_places_stays() -> None:
    values = {"num_warps": 8, "indexing": "pointer", "colours": [1, 2]}
    assert moved(values, {"indexing": ["a", "b"]}, {"indexing": ["b"]}) == values


def test_a_short_list_says_nothing_of_the_rest() -> None:
    then, now = {"l2_groupings": ["a", "b"]}, {"l2_groupings": ["b", "a"]}
    assert moved({"l2_groupings": [8]}, then, now, defaults={"l2_groupings": [1, 1]}) == {"l2_groupings": [1, 8]}


def test_block_sizes_may_be_grouped() -> None:
    then, now = {"block_sizes": ["m", "n", "k"]}, {"block_sizes": ["k", "m", "n"]}
    assert moved({"block_sizes": [[64, 32], 16]}, then, now) == {"block_sizes": [16, 64, 32]}


def test_places_of_one_name_keep_their_order() -> None:
    then, now = {"indexing": ["x", "y", "x"]}, {"indexing": ["y", "x", "x"]}
    assert moved({"indexing": ["a", "b", "c"]}, then, now) == {"indexing": ["b", "a", "c"]}


@pytest.mark.parametrize("now", [["x"], ["x", "x", "x"]])
def test_which_of_several_places_of_one_name_came_or_went_is_not_guessed(now: list[str]) -> None:
    outcome = moved({"indexing": ["a", "b"]}, {"indexing": ["x", "x"]}, {"indexing": now})
    assert isinstance(outcome, Refused) and "2 places named `x`" in outcome.reason


def test_a_key_without_places_any_more_goes_only_when_told() -> None:
    values, then = {"block_sizes": [16], "l2_groupings": [8]}, {"block_sizes": ["m"], "l2_groupings": ["a"]}
    assert "no longer has" in moved(values, then, {"block_sizes": ["m"]}).reason
    assert moved(values, then, {"block_sizes": ["m"]}, drop_gone=True) == {"block_sizes": [16]}


def test_a_list_changed_by_hand_is_not_put_in_order() -> None:
    outcome = moved({"indexing": ["a", "b", "c"]}, {"indexing": ["x", "y"]}, {"indexing": ["y", "x", "z"]})
    assert isinstance(outcome, Refused) and "changed by hand" in outcome.reason
