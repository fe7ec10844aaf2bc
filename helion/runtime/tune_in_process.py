"""Tuning at a call: the live kernel and its arguments are measured in this process, since no other can be given them."""

from __future__ import annotations

import logging
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helion import exc
from helion.autotune.effort import SearchRequest
from helion.autotune.local_process import LocalProcess
from helion.autotune.measure_messages import SetUp
from helion.autotune.options_of_settings import USUAL_BUDGET_SECONDS, options_of_settings
from helion.autotune.report import RESULT_LEVEL, TuningReport
from helion.autotune.result import TuneFailure, TuneResult
from helion.autotune.search import Search
from helion.autotune.trial_table import TrialTable
from helion.autotune.tune_kernel import MeasuredMethod, TuneOptions, tune_kernel
from helion.config.config import Config
from helion.config.describe import describe_space
from helion.locks.entries import entries_of_table
from helion.locks.seeds import seeds_of_locks
from helion.runtime.cache_key import kernel_identity
from helion.runtime.devices import product_name
from helion.runtime.environment import cache_directory, is_triton_interpreter, may_use_cache
from helion.runtime.live_subject import LiveSubject
from helion.runtime.locks_in_force import source_path
from helion.runtime.tuning_server import tuning_server
from helion.settings import Settings
from helion.signatures.notation import notation_of_arguments

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel


def tune_bound_kernel(
    bound: BoundKernel,
    args: Sequence[Any],
    search: Search | SearchRequest,
    *,
    budget_seconds: float | None = None,
    seeds: Sequence[Config] = (),
    fresh: bool = False,
) -> Config:
    """The best config for these arguments. `seeds` are further starting points; a `fresh` tuning does not go on from an earlier log.

    Raises `exc.NoConfigFound` or another `exc.AutotuneError` with what went wrong, `exc.TritonUnrecoverableRuntimeError` when a
    candidate left the GPU unusable for this process. Prints the winner as a decorator to paste.
    """
    settings = bound.settings
    options = _options(bound, args, search, budget_seconds=budget_seconds, seeds=seeds, fresh=fresh)
    process = LocalProcess(lambda _: LiveSubject(bound, args))
    with TrialTable(settings.autotune_log, details=settings.autotune_log_details) as table:
        report = _report(settings, table)
        _say_space(bound, report)
        method = MeasuredMethod(process, SetUp(None), default_at_once=True)
        result = tune_kernel(bound.ir, bound.config_spec, bound.target, method, options, server=tuning_server(), emit=report)
        if isinstance(result, TuneFailure):
            raise _error(bound, result)
        config = bound.config_spec.minimize(result.config)
        report.say(RESULT_LEVEL, _conclusion(bound, result, config))
    return config


def _options(
    bound: BoundKernel,
    args: Sequence[Any],
    search: Search | SearchRequest,
    *,
    budget_seconds: float | None,
    seeds: Sequence[Config],
    fresh: bool,
) -> TuneOptions:
    settings = bound.settings
    bound.normalized({**bound.config_spec.default(), **settings.autotune_config_overrides})  # raises for what does not fit
    options = options_of_settings(
        settings,
        search,
        budget_seconds=budget_seconds,
        usual_budget=USUAL_BUDGET_SECONDS if isinstance(search, SearchRequest) else math.inf,
        usual_seed=int(time.time()),
    )
    return replace(
        options,
        seeds=(*_given_seeds(bound), *seeds),
        compile_ahead=options.compile_ahead and not is_triton_interpreter(),
        log_folder=cache_directory() / "trials" if may_use_cache() else None,
        fresh=fresh,
        file=source_path(bound.kernel),
        identity={
            "kernel_hash": kernel_identity(bound),
            "signature": notation_of_arguments(args),
            "device": product_name(bound.device),
            "settings": repr((settings.autotune_accuracy_check, settings.autotune_baseline_atol, settings.autotune_baseline_rtol)),
        },
    )


def _say_space(bound: BoundKernel, report: TuningReport) -> None:
    settings = bound.settings
    path, verbose = settings.autotune_log_search_space_path, settings.autotune_log_search_space_verbose
    if not (settings.autotune_log_search_space or verbose or path):
        return
    text = f"What may be tuned of {bound.kernel.name}: {describe_space(bound.config_spec, verbose=verbose)}"
    if path is None:
        report.say(logging.INFO, text)
    else:
        Path(path).write_text(text + "\n", encoding="utf-8")


def _given_seeds(bound: BoundKernel) -> Iterator[Config]:
    """What the user gave, checked, then what is locked for other shapes and devices."""
    for config in (*bound.configs, *(bound.settings.autotune_seed_configs or ())):
        yield bound.normalized(config)
    yield from seeds_of_locks(bound.syntax, entries_of_table(bound.kernel.locks or {}), product_name(bound.device))


def _report(settings: Settings, table: TrialTable) -> TuningReport:
    return TuningReport(
        sys.stderr,
        table,
        level=settings.autotune_log_level,
        bar=settings.autotune_progress_bar and settings.autotune_log_level > 0 and sys.stderr.isatty(),
        quiet_errors=settings.autotune_ignore_errors,
    )


def _error(bound: BoundKernel, failed: TuneFailure) -> exc.BaseError:
    last = failed.trials[-1] if failed.trials else None
    if (
        failed.why == "unavailable"
        and last is not None
        and last.outcome.failure is not None
        and last.outcome.failure.kind == "device-error"
    ):
        words = f"{last.config} of {bound.kernel.name} left the GPU unusable for this process: {last.outcome.failure.message}"
        remedy = f"`helion tune FILE::{bound.kernel.name}` measures in a process of its own"
        return exc.TritonUnrecoverableRuntimeError(f"{words}; {remedy}")
    return exc.compile_error([failed.diagnostic(bound.kernel.name, bound.typed.name_span)], bound.typed.file)


def _conclusion(bound: BoundKernel, result: TuneResult, config: Config) -> str:
    return (
        f"Autotuning complete in {result.seconds:.1f}s after searching {len(result.trials)} configs.\n"
        "To skip it, fix the config in the decorator:\n"
        f"    {bound.format_kernel_decorator(config)}"
    )
