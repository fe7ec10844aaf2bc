"""`helion.autotuner.autotune`: any callable and the ranges of its config in, the fastest config that gives the right results out."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch

from helion import exc
from helion.autotune.callable_subject import CallableSubject, module_of_values
from helion.autotune.compile_pool import NoPool
from helion.autotune.correctness import Comparison, Tolerance
from helion.autotune.device_timer import DeviceTimer
from helion.autotune.effort import DEFAULT_SEARCH, SearchRequest, strategy_of
from helion.autotune.local_process import LocalProcess
from helion.autotune.measure_messages import SetUp
from helion.autotune.measured_evaluator import MeasuredEvaluator
from helion.autotune.report import TuningReport
from helion.autotune.result import TuneFailure, TuneResult
from helion.autotune.search import Search
from helion.autotune.searches.finite import FiniteSearch
from helion.autotune.subject import Timer
from helion.autotune.trial_log import TrialLog
from helion.autotune.trial_table import TrialTable
from helion.autotune.tune import Tuning
from helion.autotune.user_space import UserConfigSpec, UserSpace
from helion.autotune.wall_timer import ReportedTimer, WallTimer
from helion.config.config import Config
from helion.config.fragments import Fragment
from helion.runtime.devices import product_name
from helion.runtime.shapes_only import tensors_of

Check = Callable[[Any, Any], None]


def autotune(
    function: Callable[..., Any],
    spec: UserConfigSpec | Mapping[str, Fragment],
    args: Sequence[Any] = (),
    *,
    baseline_fn: Callable[..., Any] | None = None,
    accuracy_check: bool | Check = True,
    rtol: float | None = None,
    atol: float = 0.0,
    returns_milliseconds: bool = False,
    seed_configs: Iterable[Mapping[str, Any]] = (),
    search: str = DEFAULT_SEARCH,
    effort: str = "quick",
    budget_seconds: float = 60.0,
    random_seed: int = 0,
    log_level: int = logging.WARNING,
    **options: Any,
) -> dict[str, Any]:
    """The fastest config of a callable that is no kernel: `function(config, *args)`, `config` being a dict
    with a value for each name in `spec`.

    The searches and the measurement are those of kernels. With CUDA tensors among `args`, calls are timed by events on the device with a
    cold L2 cache, else by the wall clock; a function that measures itself returns its time, and `returns_milliseconds` says so. Results
    are compared with those of `baseline_fn(*args)`, else of the default config, within `rtol` and `atol` (by dtype unless given);
    `accuracy_check` may be a function `(actual, expected)` that raises AssertionError, or False. What is called has copies of the tensors
    in `args`: a fresh one each time for comparing, one for all repetitions for timing.

    The default config and `seed_configs` are tried first. `search`, `effort` ("none" tries no more than these, "quick", "full") and
    `options` are those of the search classes. The default is kept unless another beats it by more than the noise.

    Raises `exc.NoConfigFound` when no config works, `exc.AutotuneError` when the baseline fails, `exc.InvalidFragment` and
    `exc.InvalidSetting` for arguments that do not fit, `exc.ConflictingArguments` for a baseline of a function that returns times.

    >>> from helion.autotuner import EnumFragment, UserConfigSpec, autotune
    >>> spec = UserConfigSpec(step=EnumFragment((1, 10)))
    >>> autotune(lambda config, n: sum(range(0, n, config["step"])), spec, (1000,), accuracy_check=False)
    {'step': 10}
    """
    space = UserSpace(spec if isinstance(spec, UserConfigSpec) else UserConfigSpec(spec))
    if returns_milliseconds and (baseline_fn is not None or callable(accuracy_check)):
        raise exc.ConflictingArguments("a function that returns its time has no results to compare: leave out what compares them")
    subject = CallableSubject(
        function=function,
        args=tuple(args),
        baseline=baseline_fn or functools.partial(function, space.spec.default()),
        reference_name="the default config" if baseline_fn is None else "baseline_fn",
        comparison=Comparison(
            Tolerance(rtol, atol),
            accuracy_check if callable(accuracy_check) else None,
            enabled=bool(accuracy_check) and not returns_milliseconds,
        ),
        timer=ReportedTimer if returns_milliseconds else functools.partial(_timer, args),
        device=product_name(_device(args)),
    )
    seeds = tuple(Config(**space.spec.completed(config)) for config in seed_configs)
    name = getattr(function, "__name__", type(function).__name__)
    with TrialTable(None, details=False) as table:
        tuning = Tuning(
            kernel=name,
            search=_search(space, seeds, SearchRequest(search, effort, options)),
            space=space,
            generate=lambda config: module_of_values(name, space.values(config)),
            evaluator=MeasuredEvaluator(NoPool(), LocalProcess(lambda _: subject), SetUp(None), suspicious=0.9),
            log=TrialLog(None, {"kernel": name}),
            budget_seconds=budget_seconds,
            seed=random_seed,
            confirm_seconds=budget_seconds / 4,
            emit=TuningReport(sys.stderr, table, level=log_level, keeps_wrong="accuracy_check=False"),
        )
        result = tuning.run()
    return space.values(_winner(name, result))


def _search(space: UserSpace, seeds: tuple[Config, ...], request: SearchRequest) -> Search:
    """Raises `exc.InvalidSetting` for names and efforts there are not, TypeError for an unknown option."""
    if request.effort == "none":
        return FiniteSearch((space.default(), *seeds))
    return strategy_of(request, seeds, lambda config: 0.0)


def _device(args: Sequence[Any]) -> torch.device:
    """That of the first tensor on a GPU, else the CPU."""
    return next((tensor.device for tensor in tensors_of(args) if tensor.device.type == "cuda"), torch.device("cpu"))


def _timer(args: Sequence[Any]) -> Timer:
    device = _device(args)
    return WallTimer() if device.type == "cpu" else DeviceTimer(device)


def _winner(name: str, result: TuneResult | TuneFailure) -> Config:
    """Raises `exc.AutotuneError`, of which `exc.NoConfigFound` is one."""
    if isinstance(result, TuneResult):
        return result.config
    causes = result.causes()
    firsts = "".join(f"\n  {cause.kind} ({cause.count}): {cause.first.strip().splitlines()[-1]}" for cause in causes)
    words = f"{name}: {'no config works' if result.why == 'no-config' else result.message}{firsts}"
    raise (exc.AutotuneError(words) if result.why in ("unavailable", "cancelled") else exc.NoConfigFound(words))
