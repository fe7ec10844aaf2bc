"""The choice of few configs for many signatures."""

from __future__ import annotations

import math

import pytest

from helion.autotune.few_configs import FewConfigs, Timed, few_configs


def test_the_default_serves_alone_where_it_is_as_fast() -> None:
    signatures = [Timed("a", 3, 10.0, (9.9, 12.0)), Timed("b", 1, 5.0, (7.0, math.inf))]
    assert few_configs(signatures, 0.03) == FewConfigs((), {"a": None, "b": None})


def test_one_config_that_is_nearly_the_best_for_all_beats_one_each() -> None:
    signatures = [Timed("a", 1, 20.0, (10.0, 15.0, 10.2)), Timed("b", 1, 20.0, (15.0, 10.0, 10.2))]
    assert few_configs(signatures, 0.03) == FewConfigs((2,), {"a": 0, "b": 0})
    assert few_configs(signatures, 0.01) == FewConfigs((0, 1), {"a": 0, "b": 1})


def test_frequent_calls_choose_first_and_what_later_ones_make_needless_goes() -> None:
    signatures = [
        Timed("a", 10, 20.0, (10.0, 10.1, 30.0)),
        Timed("b", 10, 20.0, (10.0, 30.0, 10.1)),
        Timed("c", 1, 20.0, (30.0, 10.0, 30.0)),
        Timed("d", 1, 20.0, (30.0, 30.0, 10.0)),
    ]
    found = few_configs(signatures, 0.03)
    assert set(found.kept) == {1, 2}, "candidate 0 serves the most calls, and nothing that 1 and 2 do not serve"
    assert {name: found.kept[choice] for name, choice in found.choices.items() if choice is not None} == {"a": 1, "b": 2, "c": 1, "d": 2}


@pytest.mark.parametrize("within", [0.0, 0.05, 1.0])
def test_every_signature_is_within_what_was_promised(within: float) -> None:
    signatures = [Timed(str(n), n, 50.0, tuple(10.0 + (n * 7 + c * 5) % 11 for c in range(6))) for n in range(12)]
    found = few_configs(signatures, within)
    for timed in signatures:
        choice = found.choices[timed.signature]
        time = timed.default if choice is None else timed.times[found.kept[choice]]
        assert time <= timed.best * (1 + within)
    assert within < 1.0 or len(found.kept) == 1, "any candidate is within twice the best"


def test_a_signature_for_which_nothing_runs_keeps_its_default() -> None:
    assert few_configs([Timed("a", 1, math.inf, (math.inf,))], 0.03) == FewConfigs((), {"a": None})
    assert few_configs([Timed("a", 1, 4.0, ())], 0.03) == FewConfigs((), {"a": None})
