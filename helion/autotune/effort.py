"""The name of a search, an effort and options in, the strategy with all its options out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from helion import exc
from helion.autotune.search import Search
from helion.autotune.searches.differential_evolution import DifferentialEvolutionSearch
from helion.autotune.searches.lfbo import LFBOPatternSearch, LFBOTreeSearch
from helion.autotune.searches.pattern import PatternSearch
from helion.autotune.searches.random import RandomSearch
from helion.autotune.searches.surrogate_evolution import DESurrogateHybrid
from helion.config.config import Config

DEFAULT_SEARCH = "PatternSearch"

Strategy = (
    type[PatternSearch]
    | type[LFBOPatternSearch]
    | type[LFBOTreeSearch]
    | type[DifferentialEvolutionSearch]
    | type[DESurrogateHybrid]
    | type[RandomSearch]
)

STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    {
        "PatternSearch": PatternSearch,
        "LFBOPatternSearch": LFBOPatternSearch,
        "LFBOTreeSearch": LFBOTreeSearch,
        "DifferentialEvolutionSearch": DifferentialEvolutionSearch,
        "DESurrogateHybrid": DESurrogateHybrid,
        "RandomSearch": RandomSearch,
    }
)

_OF_EFFORT: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "quick": {"initial_population": 30, "copies": 2, "population_size": 20, "count": 100},
        "full": {"initial_population": 100, "copies": 5, "population_size": 40, "count": 1000},
    }
)
_GENERATIONS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {"quick": {"copies": 5, "population_size": 8}, "full": {"copies": 20, "population_size": 40}}
)
_GIVEN_BY_THE_TUNER = frozenset({"seeds", "prior", "measured", "name"})


@dataclass(frozen=True)
class SearchRequest:
    """`name` is a key of `STRATEGIES`, `effort` "quick" or "full". `options` are the strategy's own and win over the effort's;
    `max_generations` caps those that have generations."""

    name: str = DEFAULT_SEARCH
    effort: str = "full"
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    max_generations: int | None = None


def strategy_of(request: SearchRequest, seeds: tuple[Config, ...], prior: Callable[[Config], float], *, measured: bool = True) -> Search:
    """`measured`: trials have times and their noise, not estimates. Raises `exc.InvalidSetting` for names and efforts there are not,
    `exc.AutotuneError` where a search needs what is not installed, TypeError for an unknown option."""
    make = STRATEGIES.get(request.name)
    if make is None:
        raise exc.InvalidSetting(f"{request.name!r} is not a search; one of {', '.join(STRATEGIES)}")
    if request.effort not in _OF_EFFORT:
        raise exc.InvalidSetting(f"{request.effort!r} is not an effort; one of none, {', '.join(_OF_EFFORT)}")
    names = {field.name for field in fields(make)}
    unknown = sorted(request.options.keys() - (names - _GIVEN_BY_THE_TUNER))
    if unknown:
        raise TypeError(f"{request.name} has no option {unknown[0]!r}; its options: {', '.join(sorted(names - _GIVEN_BY_THE_TUNER))}")
    given = {**options_of_effort(request.effort, names), **request.options}
    if request.max_generations is not None and "max_generations" in names:
        given["max_generations"] = min(given["max_generations"], request.max_generations)
    own: dict[str, Any] = {key: value for key, value in (("seeds", seeds), ("prior", prior), ("measured", measured)) if key in names}
    return make(**given, **own)


def options_of_effort(effort: str, names: set[str]) -> dict[str, Any]:
    """An effort's values for those options that a strategy has."""
    found: dict[str, Any] = {key: value for key, value in _OF_EFFORT[effort].items() if key in names}
    generations = [value for key, value in _GENERATIONS[effort].items() if key in names]
    return {**found, "max_generations": generations[0]} if generations else found
