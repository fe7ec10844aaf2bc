"""A kernel's device IR, its config space and a target in, the best config with its evidence out; runs no user code in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from helion.autotune.compile_pool import AdaptiveDeadline, CompilePool, NoPool, Pool, usual_pool_size
from helion.autotune.constrained_space import ConstrainedSpace, Constraints, NothingAdmittedError, TunableSpace
from helion.autotune.effort import SearchRequest, strategy_of
from helion.autotune.evaluator import Evaluator
from helion.autotune.events import TuningEvent
from helion.autotune.hopeless import Hopeless
from helion.autotune.measure_messages import SetUp
from helion.autotune.measured_evaluator import Deadlines, MeasuredEvaluator, MeasuringProcess
from helion.autotune.model.parameters import DEFAULT_PARAMETERS
from helion.autotune.model.predict import estimator_of, prior_of
from helion.autotune.model_evaluator import ModelEvaluator
from helion.autotune.result import TuneFailure, TuneResult
from helion.autotune.search import Search
from helion.autotune.searches.finite import FiniteSearch
from helion.autotune.searches.repeated import RepeatedSearch
from helion.autotune.simplify import simplify
from helion.autotune.trial_log import TrialLog, log_path
from helion.autotune.tune import Tuning
from helion.compiler import generate
from helion.config.config import Config
from helion.device_ir.ir import DeviceIR
from helion.locks.versions import current_versions
from helion.offline.fork_server import ForkServer
from helion.offline.worker import COMPILING
from helion.target import Target

# One candidate may take a quarter of the budget to compile, and this many seconds in any case.
_LEAST_SECONDS = 10.0
# A fresh measuring process and its finalists.
_CONFIRM_SECONDS = 20.0
# Estimates do not depend on how busy a machine is, so neither should whether there are any to choose from: the model judges so many
# candidates whatever the budget.
_LEAST_ESTIMATES = 8


@dataclass(frozen=True)
class ModelMethod:
    """Rank by estimates for a target; needs no GPU."""

    name: str = "model"


@dataclass(frozen=True)
class MeasuredMethod:
    """Time on this machine's GPU, in a process that understands `set_up`: a `WorkerProcess`, or a `LocalProcess` where there is no file
    that a child could import the kernel from. Where that is this process, it need not wait for another to compile the default config,
    which a call would compile in it as well (`default_at_once`)."""

    process: MeasuringProcess
    set_up: SetUp
    default_at_once: bool = False
    deadlines: Deadlines = field(default_factory=Deadlines)
    name: str = "measured"


@dataclass(frozen=True)
class TuneOptions:
    """What a tuning may spend and what it looks for. Everything has a usual value.

    `search` is a strategy, or the name of one with an effort: "none" tries only the default config and the seeds. `repeats` runs it so
    many times. `seeds` are tried right after the default: locks of other devices or shapes, the user's own; those that do not fit the
    space are left out. Without `compile_ahead` the measuring side compiles what it runs. A candidate may take
    `compile_seconds`, less where `adaptive_timeout` sees that they need less, and `measure_seconds`; one faster than `suspicious`
    times the best so far is timed again before it is believed. Finalists are confirmed that are within the
    factor `confirm_within` of the best; when None, the best few. `log_folder` holds a trial log for each thing tuned; `identity` are
    further facts that a log must agree on to be gone on from: the kernel's hash, the signature, the device; `file`, where the kernel is
    written, is noted in it only. `fresh` starts it anew.
    `current` is what calls run now, for which a winner must be worth replacing it.
    """

    budget_seconds: float = 60.0
    search: Search | SearchRequest = field(default_factory=SearchRequest)
    repeats: int = 1
    seed: int = 0
    seeds: tuple[Config, ...] = ()
    current: Config | None = None
    constraints: Constraints = field(default_factory=Constraints)
    confirm_within: float | None = None
    compile_seconds: float = 60.0
    adaptive_timeout: bool = True
    measure_seconds: float = 30.0
    suspicious: float = 0.9
    compile_workers: int | None = None
    compile_ahead: bool = True
    log_folder: Path | None = None
    fresh: bool = False
    identity: Mapping[str, str] = field(default_factory=dict[str, str])
    file: Path | None = None


def tune_kernel(
    ir: DeviceIR,
    space: TunableSpace,
    target: Target,
    method: ModelMethod | MeasuredMethod,
    options: TuneOptions,
    *,
    server: ForkServer | None = None,
    emit: Callable[[TuningEvent], None] = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> TuneResult | TuneFailure:
    """Tune one specialization of one kernel. Never raises for what a candidate does; ends every process it started. Those that compile
    are forked off `server`, so that tunings that have one in common import once; without one this tuning has its own."""
    with nullcontext(server) if server is not None else ForkServer(COMPILING) as forking:
        if options.compile_ahead:
            forking.start()
        return _tune(ir, space, target, method, options, forking, emit, cancelled)


def _tune(
    ir: DeviceIR,
    space: TunableSpace,
    target: Target,
    method: ModelMethod | MeasuredMethod,
    options: TuneOptions,
    server: ForkServer,
    emit: Callable[[TuningEvent], None],
    cancelled: Callable[[], bool],
) -> TuneResult | TuneFailure:
    searched = ConstrainedSpace(space, options.constraints)
    try:
        search = _search(ir, searched, target, method, options)
    except NothingAdmittedError as nothing:
        return TuneFailure("unavailable", str(nothing))
    current = _current(searched, options)
    with _trial_log(_header(ir, searched, target, method, options), options) as log:
        tuning = Tuning(
            kernel=ir.kernel.name,
            search=search,
            space=searched,
            generate=lambda config: generate(ir, config, target),
            evaluator=_evaluator(ir, target, method, options, server, _hopeless(ir, searched, target, options)),
            log=log,
            budget_seconds=options.budget_seconds,
            seed=options.seed,
            simplified=lambda config: simplify(config, _plain(searched, config), lambda c: generate(ir, c, target)),
            confirm_seconds=0.0 if isinstance(method, ModelMethod) else min(_CONFIRM_SECONDS, options.budget_seconds / 4),
            confirm_within=options.confirm_within,
            least_trials=_LEAST_ESTIMATES if isinstance(method, ModelMethod) else 1,
            current=current,
            emit=emit,
            cancelled=cancelled,
        )
        return tuning.run()


def _search(ir: DeviceIR, space: ConstrainedSpace, target: Target, method: ModelMethod | MeasuredMethod, options: TuneOptions) -> Search:
    """Raises NothingAdmittedError."""
    default = space.default()
    if not isinstance(options.search, SearchRequest):
        return options.search
    given = options.seeds if options.current is None else (options.current, *options.seeds)
    admitted = (space.admit(seed) for seed in given if not space.check(seed))
    seeds = tuple(dict.fromkeys(seed for seed in admitted if seed is not None and seed != default))
    if options.search.effort == "none":
        return FiniteSearch((default, *seeds))
    search = strategy_of(options.search, seeds, prior_of(ir, target), measured=isinstance(method, MeasuredMethod))
    return search if options.repeats == 1 else RepeatedSearch(search, options.repeats)


def _current(space: ConstrainedSpace, options: TuneOptions) -> Config | None:
    """What calls run now in its full form; None when it does not fit any more, or is the default."""
    if options.current is None or space.check(options.current):
        return None
    admitted = space.admit(options.current)
    return None if admitted == space.default() else admitted


def _plain(space: TunableSpace, config: Config) -> Config:
    """Everything at its plain default but the block sizes."""
    return space.normalize({key: value for key, value in config.items() if key == "block_sizes"})


def _hopeless(ir: DeviceIR, space: ConstrainedSpace, target: Target, options: TuneOptions) -> Hopeless | None:
    """What need not run once compiled. Configs that were asked for do, and all do on devices that the model was not held against."""
    if target.vendor != "cuda" or not isinstance(options.search, SearchRequest):
        return None
    asked = (space.admit(config) for config in (options.current, *options.seeds) if config is not None and not space.check(config))
    return Hopeless(estimator_of(ir, target), frozenset(config for config in (space.default(), *asked) if config is not None))


def _evaluator(
    ir: DeviceIR,
    target: Target,
    method: ModelMethod | MeasuredMethod,
    options: TuneOptions,
    server: ForkServer,
    hopeless: Hopeless | None,
) -> Evaluator:
    if isinstance(method, MeasuredMethod) and not options.compile_ahead:
        return _measured(NoPool(), method, options, hopeless)
    reserved = 0 if isinstance(method, ModelMethod) else 1
    size = options.compile_workers or usual_pool_size(reserved)
    limit = min(options.compile_seconds, max(_LEAST_SECONDS, options.budget_seconds / 4))
    adaptive = _adaptive(options.search) if options.adaptive_timeout else None
    pool = CompilePool(size, target, server=server, compile_seconds=limit, adaptive=adaptive)
    if isinstance(method, ModelMethod):
        return ModelEvaluator(pool, target, estimator_of(ir, target), DEFAULT_PARAMETERS.resolution)
    return _measured(pool, method, options, hopeless)


def _adaptive(search: Search | SearchRequest) -> AdaptiveDeadline:
    """As the search's own options say, where they do."""
    usual = AdaptiveDeadline()
    if not isinstance(search, SearchRequest):
        return usual
    least = search.options.get("compile_timeout_lower_bound", usual.least)
    return AdaptiveDeadline(least, search.options.get("compile_timeout_quantile", usual.quantile))


def _measured(pool: Pool, method: MeasuredMethod, options: TuneOptions, hopeless: Hopeless | None) -> MeasuredEvaluator:
    deadlines = replace(method.deadlines, measure=options.measure_seconds)
    return MeasuredEvaluator(
        pool,
        method.process,
        method.set_up,
        deadlines,
        suspicious=options.suspicious,
        first_at_once=method.default_at_once,
        hopeless=hopeless,
    )


def _trial_log(header: dict[str, Any], options: TuneOptions) -> TrialLog:
    path = None if options.log_folder is None else log_path(options.log_folder, header["kernel"], header)
    return TrialLog(path, header, fresh=options.fresh)


def _header(
    ir: DeviceIR, space: TunableSpace, target: Target, method: ModelMethod | MeasuredMethod, options: TuneOptions
) -> dict[str, Any]:
    """What a trial's time depends on besides the config; neither the strategy nor its seed."""
    return {
        "kernel": ir.kernel.name,
        "method": method.name,
        "target": target.name,
        "space": space.fingerprint(),
        "sites": {knob.knob.key: [slot.site for slot in knob.slots] for knob in space.knobs if knob.knob.is_list},
        "versions": {**current_versions(), "torch": torch.__version__},
        **options.identity,
        **({} if options.file is None else {"file": str(options.file.resolve())}),
    }
