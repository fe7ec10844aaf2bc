"""The public search classes: a bound kernel, its arguments and options in, the best config out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from helion import exc
from helion.autotune.effort import STRATEGIES, SearchRequest, strategy_of
from helion.autotune.search import Search
from helion.autotune.searches.finite import FiniteSearch as FiniteStrategy
from helion.config.config import Config
from helion.config.space import ConfigSpace
from helion.runtime.cache_key import kernel_identity
from helion.runtime.cached_configs import cached_configs, cached_seeds, search_beside
from helion.runtime.devices import product_name
from helion.runtime.tune_in_process import tune_bound_kernel
from helion.settings import Settings

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel


class Autotuner(Protocol):
    """What `autotuner_fn` and the search classes give."""

    def autotune(self, *, skip_cache: bool = False) -> Config: ...


class BaseSearch:
    """One tuning of one specialization. `autotune()` does it; a cache class may stand in front (`LocalAutotuneCache(search)`).

    Options are those of the strategy, by name or in its order; those left out are the effort's, which `autotune_effort` sets.
    `budget_seconds` and `effort` win over the settings.
    """

    strategy: ClassVar[str]

    def __init__(
        self,
        kernel: BoundKernel,
        args: Sequence[Any],
        *positional: Any,
        budget_seconds: float | None = None,
        effort: str | None = None,
        **options: Any,
    ) -> None:
        """Raises TypeError for an unknown option, `exc.AutotuneError` where the search needs what is not installed."""
        self.kernel = kernel
        self.args = tuple(args)
        self.settings = kernel.settings
        self.config_spec = kernel.config_spec
        self.budget_seconds = budget_seconds
        self.search = self._request(positional, effort, options)

    def _request(self, positional: tuple[Any, ...], effort: str | None, options: dict[str, Any]) -> Search | SearchRequest:
        chosen = effort or self.settings.autotune_effort
        names = [field.name for field in fields(STRATEGIES[self.strategy])]
        given = {**dict(zip(names, positional, strict=False)), **options}
        request = SearchRequest(self.strategy, chosen, given, self.settings.autotune_max_generations)
        if chosen != "none":
            strategy_of(request, (), lambda config: 0.0)
        return request

    def autotune(self, *, skip_cache: bool = False) -> Config:
        """Search, and give the winner in its shortest form. What was found for other arguments and devices is where it starts; with
        `skip_cache`, nothing of what an earlier tuning found or measured is used."""
        known = () if skip_cache else cached_seeds(*_cached_of(self.kernel))
        search = search_beside(known, self.search, self.settings)
        return tune_bound_kernel(self.kernel, self.args, search, budget_seconds=self.budget_seconds, seeds=known, fresh=skip_cache)


def _cached_of(bound: BoundKernel) -> tuple[str, ConfigSpace, str, Settings]:
    """What the cache is asked for."""
    return kernel_identity(bound), bound.config_spec, product_name(bound.device), bound.settings


class PatternSearch(BaseSearch):
    """Random configs, then the neighbours of the best. Options: `initial_population=100, copies=5, max_generations=20,
    min_improvement_delta=0.001`."""

    strategy = "PatternSearch"


class LFBOPatternSearch(BaseSearch):
    """Pattern search with neighbours chosen by a classifier; needs scikit-learn. Options: those of `PatternSearch` and
    `frac_selected=0.10, num_neighbors=300, radius=2, quantile=0.1, patience=1`."""

    strategy = "LFBOPatternSearch"


class LFBOTreeSearch(BaseSearch):
    """LFBO pattern search with batches spread out. Options: those of `LFBOPatternSearch` (`num_neighbors=200`) and `similarity_penalty=1.0,
    num_neighbors_cap=-1, initial_population_strategy=None, best_available_pad_random=True, finishing_rounds=0`."""

    strategy = "LFBOTreeSearch"


class DifferentialEvolutionSearch(BaseSearch):
    """A population whose members recombine. Options: `population_size=40, max_generations=40, crossover_rate=0.8,
    immediate_update=None, min_improvement_delta=None, patience=None`."""

    strategy = "DifferentialEvolutionSearch"


class DESurrogateHybrid(BaseSearch):
    """Differential evolution with challengers chosen by a forest; needs scikit-learn. Options: those of `DifferentialEvolutionSearch`
    (`patience=3`) and `surrogate_threshold=100, candidate_ratio=3, refit_frequency=5, n_estimators=50`."""

    strategy = "DESurrogateHybrid"


class RandomSearch(BaseSearch):
    """`count=1000` configs drawn at random."""

    strategy = "RandomSearch"


class FiniteSearch(BaseSearch):
    """The fastest of `configs`, of the decorator's when None. Raises `exc.NotEnoughConfigs` for fewer than two."""

    strategy = "FiniteSearch"

    def _request(self, positional: tuple[Any, ...], effort: str | None, options: dict[str, Any]) -> Search | SearchRequest:
        unknown = [*positional[1:], *(name for name in options if name != "configs")]
        if unknown:
            raise TypeError(f"FiniteSearch has no option {unknown[0]!r}; its option: configs")
        configs: Sequence[Any] | None = positional[0] if positional else options.get("configs")
        candidates = self.kernel.configs if configs is None else configs
        if len(candidates) < 2:
            raise exc.NotEnoughConfigs(f"{self.kernel.kernel.name}: a finite search compares two configs or more, not {len(candidates)}")
        return FiniteStrategy(tuple(self.kernel.normalized(config) for config in candidates))


class CachedFiniteSearch(FiniteSearch):
    """The fastest of what the cache holds for this kernel, the newest `max_configs` of them, and of `configs`: no search, but a choice
    among what searches found. Raises `exc.NotEnoughConfigs` where there is nothing to choose from."""

    strategy = "CachedFiniteSearch"

    def _request(self, positional: tuple[Any, ...], effort: str | None, options: dict[str, Any]) -> Search | SearchRequest:
        unknown = [*positional, *(name for name in options if name not in ("max_configs", "configs"))]
        if unknown:
            raise TypeError(f"CachedFiniteSearch has no option {unknown[0]!r}; its options: configs, max_configs")
        cached = cached_configs(*_cached_of(self.kernel), options.get("max_configs"))
        found = dict.fromkeys(self.kernel.normalized(config) for config in (*options.get("configs", ()), *cached))
        if not found:
            raise exc.NotEnoughConfigs(f"{self.kernel.kernel.name}: the cache holds no config of it, and none is given")
        return FiniteStrategy(tuple(found))


def from_cache(*, max_configs: int | None = None, configs: Sequence[Any] = ()) -> Callable[..., Autotuner]:
    """For `autotuner_fn`: choose among what the cache holds and `configs`, instead of searching."""
    return functools.partial(CachedFiniteSearch, max_configs=max_configs, configs=configs)


search_algorithms: Mapping[str, type[BaseSearch]] = MappingProxyType(
    {
        cls.__name__: cls
        for cls in (
            PatternSearch,
            LFBOPatternSearch,
            LFBOTreeSearch,
            DifferentialEvolutionSearch,
            DESurrogateHybrid,
            RandomSearch,
            FiniteSearch,
            CachedFiniteSearch,
        )
    }
)
