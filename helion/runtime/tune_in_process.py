"""Tuning at a call: the live kernel and its arguments are measured in this process, since no other can be given them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from helion import exc
from helion.autotune.constrained_space import Constraints
from helion.autotune.effort import SearchRequest
from helion.autotune.local_process import LocalProcess
from helion.autotune.measure_messages import SetUp
from helion.autotune.result import TuneFailure
from helion.autotune.searches.finite import FiniteSearch
from helion.autotune.tune_kernel import MeasuredMethod, TuneOptions, tune_kernel
from helion.config.config import Config
from helion.runtime.live_subject import LiveSubject

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel

_DEFAULT_BUDGET_SECONDS = 60.0


def tune_bound_kernel(
    bound: BoundKernel,
    args: Sequence[Any],
    *,
    candidates: Sequence[Config] = (),
    budget_seconds: float | None = None,
    effort: str | None = None,
) -> Config:
    """The fastest config found for these arguments; of `candidates`, when there are any, the fastest.

    Raises `exc.NoConfigFound` with what went wrong. Prints the winner as a decorator to paste.
    """
    settings = bound.settings
    process = LocalProcess(lambda _: LiveSubject(bound, args))
    options = TuneOptions(
        budget_seconds=budget_seconds or settings.autotune_budget_seconds or _DEFAULT_BUDGET_SECONDS,
        seed=settings.autotune_random_seed or 0,
        seeds=(*bound.configs, *(settings.autotune_seed_configs or ())),
        constraints=Constraints(overrides=settings.autotune_config_overrides),
        compile_seconds=float(settings.autotune_compile_timeout),
        search=(
            FiniteSearch(tuple(bound.normalized(c) for c in candidates))
            if candidates
            else SearchRequest(effort=effort or settings.autotune_effort)
        ),
    )
    result = tune_kernel(bound.ir, bound.config_spec, bound.target, MeasuredMethod(process, SetUp(None)), options)
    if isinstance(result, TuneFailure):
        raise exc.compile_error([result.diagnostic(bound.kernel.name, bound.typed.name_span)], bound.typed.file)
    config = bound.config_spec.minimize(result.config)
    print(
        f"Autotuning complete in {result.seconds:.1f}s after searching {len(result.trials)} configs.\n"
        "To skip it, fix the config in the decorator:\n"
        f"    {bound.format_kernel_decorator(config)}",
        file=sys.stderr,
    )
    return config
