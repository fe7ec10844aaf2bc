"""A search's name, an effort and options become a strategy."""

from __future__ import annotations

from dataclasses import asdict, replace
from types import SimpleNamespace

import pytest

from helion import exc
from helion.autotune.effort import STRATEGIES, SearchRequest, strategy_of
from helion.autotune.searches import forest
from helion.config.config import Config

SEEDS = (Config(block_sizes=[1]),)


def strategy(request: SearchRequest) -> dict:
    return asdict(strategy_of(request, SEEDS, lambda config: 0.0))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("name", "effort", "options"),
    [
        ("PatternSearch", "quick", {"initial_population": 30, "copies": 2, "max_generations": 5}),
        ("PatternSearch", "full", {"initial_population": 100, "copies": 5, "max_generations": 20, "min_improvement_delta": 0.001}),
        ("DifferentialEvolutionSearch", "quick", {"population_size": 20, "max_generations": 8}),
        ("DifferentialEvolutionSearch", "full", {"population_size": 40, "max_generations": 40, "crossover_rate": 0.8, "patience": None}),
        ("RandomSearch", "quick", {"count": 100}),
        ("RandomSearch", "full", {"count": 1000}),
        ("LFBOPatternSearch", "full", {"num_neighbors": 300, "radius": 2, "frac_selected": 0.1, "quantile": 0.1, "patience": 1}),
        ("LFBOTreeSearch", "full", {"num_neighbors": 200, "similarity_penalty": 1.0}),
        (
            "DESurrogateHybrid",
            "full",
            {"surrogate_threshold": 100, "candidate_ratio": 3, "refit_frequency": 5, "n_estimators": 50, "patience": 3},
        ),
    ],
)
def test_an_effort_gives_options(name: str, effort: str, options: dict[str, object]) -> None:
    found = strategy(SearchRequest(name, effort))
    assert {key: found[key] for key in options} == options
    assert found["seeds"] == SEEDS


@pytest.mark.parametrize("name", STRATEGIES)
def test_options_win_over_the_effort_and_the_cap_over_both(name: str) -> None:
    request = SearchRequest(name, "full", max_generations=3)
    found = strategy(request)
    if "max_generations" in found:
        assert found["max_generations"] == 3
        assert strategy(replace(request, options={"max_generations": 2}))["max_generations"] == 2
        assert strategy(replace(request, options={"max_generations": 9}))["max_generations"] == 3
    else:
        assert strategy(replace(request, options={"count": 7}))["count"] == 7


@pytest.mark.parametrize(
    ("request_", "error", "words"),
    [
        (SearchRequest("NoSearch"), exc.InvalidSetting, "'NoSearch' is not a search; one of PatternSearch"),
        (SearchRequest(effort="medium"), exc.InvalidSetting, "'medium' is not an effort; one of none, quick, full"),
        (SearchRequest(options={"seeds": ()}), TypeError, "PatternSearch has no option 'seeds'"),
        (SearchRequest("RandomSearch", options={"copies": 1}), TypeError, "RandomSearch has no option 'copies'; its options: count"),
    ],
    ids=["search", "effort", "the tuner's own", "another search's"],
)
def test_what_there_is_not_is_refused(request_: SearchRequest, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        strategy(request_)


@pytest.mark.parametrize("name", ["LFBOPatternSearch", "LFBOTreeSearch", "DESurrogateHybrid"])
def test_learned_searches_say_that_they_need_scikit_learn(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def import_module(module: str) -> None:
        raise ModuleNotFoundError(module)

    monkeypatch.setattr(forest, "importlib", SimpleNamespace(import_module=import_module))
    with pytest.raises(exc.AutotuneError, match=rf"{name} needs scikit-learn, which the extra `helion-toolkit\[tune\]` installs"):
        strategy(SearchRequest(name))
