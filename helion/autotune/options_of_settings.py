"""The settings of a kernel in, the options of its tuning out: one reading of them for calls and for the command line."""

from __future__ import annotations

from helion import exc
from helion.autotune.constrained_space import Constraints
from helion.autotune.effort import DEFAULT_SEARCH, SearchRequest
from helion.autotune.search import Search
from helion.autotune.tune_kernel import TuneOptions
from helion.settings import Settings

USUAL_BUDGET_SECONDS = 60.0


def search_of_settings(settings: Settings, name: str | None, effort: str | None) -> SearchRequest:
    """The search of a name, pattern search when None, with the settings' effort unless another is given."""
    return SearchRequest(name or DEFAULT_SEARCH, effort or settings.autotune_effort, max_generations=settings.autotune_max_generations)


def options_of_settings(
    settings: Settings, search: Search | SearchRequest, *, budget_seconds: float | None, usual_budget: float, usual_seed: int
) -> TuneOptions:
    """Everything that the settings say of a tuning; `budget_seconds` wins over theirs, the usual values are for what they leave open.

    Raises `exc.InvalidSetting`.
    """
    if settings.autotune_precompile not in (None, "", "fork", "spawn"):
        raise exc.InvalidSetting(f"autotune_precompile is {settings.autotune_precompile!r}; one of 'fork', 'spawn', None")
    return TuneOptions(
        budget_seconds=budget_seconds or settings.autotune_budget_seconds or usual_budget,
        search=search,
        repeats=settings.autotune_best_of_k,
        seed=usual_seed if settings.autotune_random_seed is None else settings.autotune_random_seed,
        constraints=Constraints(
            overrides=settings.autotune_config_overrides,
            force_persistent=settings.autotune_force_persistent,
            config_filter=settings.autotune_config_filter,
        ),
        confirm_within=settings.autotune_rebenchmark_threshold,
        compile_seconds=float(settings.autotune_compile_timeout),
        adaptive_timeout=settings.autotune_adaptive_timeout,
        measure_seconds=float(settings.autotune_benchmark_timeout),
        suspicious=0.9 if settings.autotune_suspicious_rebenchmark_ratio is None else settings.autotune_suspicious_rebenchmark_ratio,
        compile_workers=settings.autotune_precompile_jobs,
        compile_ahead=bool(settings.autotune_precompile),
    )
