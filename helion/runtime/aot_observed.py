"""Calls of an ahead-of-time kernel in, notes for the runner out: which there are, and what configs take for them. Results never change."""

from __future__ import annotations

import inspect
import math
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch.compiler import is_dynamo_compiling

from helion.autotune.effort import DEFAULT_SEARCH
from helion.autotune.local_process import LocalProcess
from helion.autotune.measure_messages import SetUp
from helion.autotune.options_of_settings import options_of_settings
from helion.autotune.result import TuneFailure
from helion.autotune.run_search import code_of
from helion.autotune.searches.finite import FiniteSearch
from helion.autotune.seeded import seeded
from helion.autotune.tune_kernel import MeasuredMethod, tune_kernel
from helion.config.config import Config
from helion.runtime.aot_kernel import AotFacts, Decisions, decision_file, device_words
from helion.runtime.aot_notes import KernelId, Notebook, Plan, read_plan
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.decide import signature_of
from helion.runtime.devices import product_name
from helion.runtime.environment import autotuner_name, is_triton_interpreter
from helion.runtime.kernel import Kernel
from helion.runtime.live_subject import LiveSubject
from helion.runtime.shapes_only import have_no_data
from helion.runtime.tuners import FiniteSearch as GivenConfigs
from helion.runtime.tuners import search_algorithms
from helion.runtime.tuning_server import tuning_server
from helion.signatures.from_values import device_of
from helion.trials.trial import Trial


class ObservedKernel(Kernel[..., Any]):
    """Runs every call as the kernel would. Before it runs the first one of a signature, it notes, tunes or times what the plan asks for, on
    copies of the arguments. Calls that are traced, captured in a graph or without data are not looked at."""

    def __init__(self, kernel: Kernel, key: Callable[..., Hashable] | None, facts: AotFacts, plan: Path) -> None:
        super().__init__(kernel.fn, settings=kernel.settings, key=key, inputs=kernel.inputs)
        self._facts = facts
        self._plan = read_plan(plan)
        self._notebook = Notebook(self._plan.folder)
        self._observing = threading.RLock()
        self._seen: dict[str, int] = {}
        self._id: KernelId | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not is_dynamo_compiling():
            values = self.normalize_args(*args, **kwargs)
            if not have_no_data(values) and not _is_capturing():
                self._observe(values)
        return super().__call__(*args, **kwargs)

    def _observe(self, values: tuple[Any, ...]) -> None:
        signature = signature_of(values, self._facts.batched)
        with self._observing:
            known = signature in self._seen
            if not self._seen:
                self._first(values)
            self._seen[signature] = self._seen.get(signature, 0) + 1
            if not known:
                self._look_at(signature, values, self._id_of(values))

    def _first(self, values: tuple[Any, ...]) -> None:
        """What the kernel's own functions give comes before the calls, so that `measure_fn` wins over what is called with."""
        kernel = self._id_of(values)
        if self._plan.phase == "collect":
            self._notebook.at_exit(lambda: self._note_counts(kernel))
        functions = self._facts.collect_fn, self._facts.measure_fn
        make = functions[0] if self._plan.phase in ("collect", "evaluate") else functions[1] or functions[0]
        for given in _given(make):
            arguments = self.normalize_args(*given)
            signature = signature_of(arguments, self._facts.batched)
            if signature not in self._seen:
                self._seen[signature] = 0
                self._look_at(signature, arguments, kernel)

    def _look_at(self, signature: str, values: tuple[Any, ...], kernel: KernelId) -> None:
        plan = self._plan
        if plan.phase == "collect":
            self._notebook.note("called", kernel, signature, batched=[m if m is None else list(m) for m in self._facts.batched])
            return
        if plan.phase != "evaluate" and signature not in plan.signatures.get(kernel.key, ()):
            return
        try:
            with torch.no_grad(), seeded():
                facts = self._measured(plan, kernel, values)
        except Exception as error:  # noqa: BLE001 - what cannot be tuned must not end the command
            facts = {"failed": f"{type(error).__name__}: {error}".strip()}
        self._notebook.note(plan.phase, kernel, signature, **facts)

    def _measured(self, plan: Plan, kernel: KernelId, values: tuple[Any, ...]) -> dict[str, Any]:
        bound = self.bind(values)
        if not isinstance(bound, BoundKernel):
            return {"failed": "the kernel runs eagerly (HELION_INTERPRET)"}
        if is_triton_interpreter() and bound.settings.autotune_benchmark_fn is None:
            return {"failed": "times in Triton's interpreter say nothing; give the kernel an autotune_benchmark_fn"}
        if plan.phase == "tune":
            return {"config": dict(self._tuned(plan, bound, values))}
        default = bound.config_spec.default()
        if plan.phase == "time":
            candidates = [Config(**config) for config in plan.candidates.get(kernel.key, ())]
            trials = trials_of(bound, values, (default, *candidates))
            return {"default": _time(trials.get(default)), "times": [_time(trials.get(config)) for config in candidates]}
        chosen = Decisions(bound, values, self._facts.configs).autotune()
        trials = trials_of(bound, values, (default, chosen))
        path = decision_file(self.fn, bound.device)
        return {
            "default": _time(trials.get(default)),
            "chosen": _time(trials.get(chosen)),
            "config": dict(bound.config_spec.minimize(chosen)),
            "is_default": bound.normalized(chosen) == default,
            "decision_file": None if path is None else str(path),
        }

    def _tuned(self, plan: Plan, bound: BoundKernel, values: tuple[Any, ...]) -> Config:
        if self._facts.configs:
            return GivenConfigs(bound, values, self._facts.configs).autotune(skip_cache=True)
        search = search_algorithms[autotuner_name() or DEFAULT_SEARCH]
        return search(bound, values, budget_seconds=plan.budget_seconds, effort=plan.effort).autotune()

    def _note_counts(self, kernel: KernelId) -> None:
        for signature, calls in self._seen.items():
            self._notebook.note("counted", kernel, signature, calls=calls)

    def _id_of(self, values: tuple[Any, ...]) -> KernelId:
        if self._id is None:
            device = device_of(values) or torch.device("cpu")
            source = str(Path(inspect.getfile(self.fn)).resolve())
            self._id = KernelId(self.name, source, device_words(device), product_name(device))
        return self._id


def trials_of(bound: BoundKernel, args: Sequence[Any], configs: Iterable[Config]) -> Mapping[Config, Trial]:
    """What came of each config that fits the kernel, measured and compared with the reference as a tuning does it."""
    fitting = {config: bound.normalized(config) for config in configs if not bound.config_spec.check(config)}
    options = options_of_settings(
        bound.settings,
        FiniteSearch(tuple(dict.fromkeys(fitting.values()))),
        budget_seconds=math.inf,
        usual_budget=math.inf,
        usual_seed=0,
    )
    options = replace(options, compile_ahead=options.compile_ahead and not is_triton_interpreter())
    method = MeasuredMethod(LocalProcess(lambda _: LiveSubject(bound, args)), SetUp(None))
    result = tune_kernel(bound.ir, bound.config_spec, bound.target, method, options, server=tuning_server())
    if isinstance(result, TuneFailure) and not result.trials:
        raise RuntimeError(result.message)
    by_config = {trial.config: trial for trial in result.trials}
    by_code = {trial.code: trial for trial in result.trials if trial.code}

    def trial_of(config: Config) -> Trial | None:
        return by_config.get(config) or by_code.get(code_of(bound.module(config)))

    return {config: trial for config, normal in fitting.items() if (trial := trial_of(normal)) is not None}


def _time(trial: Trial | None) -> dict[str, Any]:
    if trial is None:
        return {"us": None, "noise_us": 0.0, "failure": "does not fit the kernel for these arguments"}
    failure = trial.outcome.failure
    words = None if failure is None else f"{failure.kind}: {(failure.message.strip().splitlines() or [''])[-1]}"
    return {"us": trial.outcome.microseconds, "noise_us": trial.outcome.noise, "failure": words}


def _given(make: Callable[[], Iterable[Sequence[Any]]] | None) -> Iterator[Sequence[Any]]:
    return iter(()) if make is None else iter(make())


def _is_capturing() -> bool:
    return torch.cuda.is_available() and torch.cuda.is_current_stream_capturing()
