"""Fragments: defaults, neighbours, mutations and encodings stay within what they accept."""

from __future__ import annotations

import random

import pytest

from helion import exc
from helion.config.fragments import BooleanFragment, EnumFragment, Fragment, IntegerFragment, PowerOfTwoFragment
from helion.config.sequence_fragments import ListOf, PermutationFragment

FRAGMENTS: tuple[Fragment, ...] = (
    IntegerFragment(1, 5),
    IntegerFragment(-3, 4, 0),
    PowerOfTwoFragment(4, 64, 16),
    EnumFragment((0.5, 1, True)),
    BooleanFragment(),
    ListOf(BooleanFragment(), 3),
    PermutationFragment(3),
)


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=str)
def test_everything_a_fragment_gives_it_accepts(fragment: Fragment) -> None:
    rng = random.Random(0)
    drawn = [fragment.random(rng) for _ in range(30)]
    mutated = [fragment.differential_mutation(*rng.sample(drawn, 3)) for _ in range(30)]
    neighbours = [n for value in drawn for n in fragment.pattern_neighbors(value)]
    for value in [fragment.default(), *drawn, *mutated, *neighbours, *fragment.choices()]:
        assert fragment.accepts(value), value
        assert len(fragment.encode(value)) == fragment.dim()
    assert fragment.choices()[0] == fragment.default()
    assert fragment.allowed()


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=str)
def test_neighbours_are_mutual_and_never_the_value_itself(fragment: Fragment) -> None:
    for value in fragment.choices():
        for neighbour in fragment.pattern_neighbors(value):
            assert neighbour != value or type(neighbour) is not type(value)
            assert value in fragment.pattern_neighbors(neighbour)


@pytest.mark.parametrize(
    ("fragment", "value", "neighbours"),
    [
        (IntegerFragment(1, 5), 1, [2]),
        (IntegerFragment(1, 5), 3, [2, 4]),
        (PowerOfTwoFragment(4, 64), 16, [8, 32]),
        (PowerOfTwoFragment(4, 64), 64, [32]),
        (EnumFragment(("a", "b", "c")), "b", ["a", "c"]),
        (BooleanFragment(), False, [True]),
        (PermutationFragment(3), [0, 1, 2], [[1, 0, 2], [2, 1, 0], [0, 2, 1]]),
        (ListOf(IntegerFragment(0, 1), 2), [0, 1], [[1, 1], [0, 0]]),
    ],
    ids=str,
)
def test_neighbours(fragment: Fragment, value: object, neighbours: list[object]) -> None:
    assert fragment.pattern_neighbors(value) == neighbours


@pytest.mark.parametrize(
    ("fragment", "a", "b", "c", "mutated"),
    [
        (IntegerFragment(0, 10), 4, 7, 5, 6),
        (IntegerFragment(0, 10), 9, 7, 0, 10),
        (PowerOfTwoFragment(1, 64), 8, 16, 4, 32),
        (BooleanFragment(), True, True, False, False),
        (EnumFragment("xyz"), "x", "y", "y", "x"),
        (PermutationFragment(3), [2, 1, 0], [1, 0, 2], [0, 1, 2], [2, 0, 1]),
    ],
    ids=str,
)
def test_mutation_moves_along_a_difference(fragment: Fragment, a: object, b: object, c: object, mutated: object) -> None:
    assert fragment.differential_mutation(a, b, c) == mutated


def test_defaults() -> None:
    assert IntegerFragment(2, 9).default() == 2
    assert IntegerFragment(2, 9, default=4).default() == 4
    assert EnumFragment(["b", "a"]).default() == "b"
    assert BooleanFragment().default() is False
    assert ListOf(IntegerFragment(1, 3), length=2).default() == [1, 1]


def test_true_is_not_one() -> None:
    assert not IntegerFragment(0, 3).accepts(True)
    assert not EnumFragment((0, 1)).accepts(True)
    assert not BooleanFragment().accepts(1)


def test_the_global_seed_makes_draws_repeatable() -> None:
    random.seed(7)
    first = [IntegerFragment(0, 1000).random() for _ in range(5)]
    random.seed(7)
    assert [IntegerFragment(0, 1000).random() for _ in range(5)] == first


@pytest.mark.parametrize("make", [lambda: IntegerFragment(3, 2), lambda: PowerOfTwoFragment(3, 8), lambda: EnumFragment(())])
def test_impossible_ranges_are_refused(make: object) -> None:
    with pytest.raises(exc.InvalidFragment):
        make()  # type: ignore[operator]
