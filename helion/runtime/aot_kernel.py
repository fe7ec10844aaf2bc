"""`helion.aot_kernel`: a kernel whose configs come from a file of decisions beside its source, made ahead of time for a device."""

from __future__ import annotations

import functools
import importlib.util
import inspect
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from helion import exc
from helion.config.config import Config
from helion.runtime.devices import target_of
from helion.runtime.environment import aot_plan_path, heuristic_directory
from helion.runtime.kernel import Kernel, kernel
from helion.runtime.warn import warn

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel

ArgumentSets = Callable[[], Iterable[Sequence[Any]]]
Batched = Sequence[Sequence[int | None] | None]


@dataclass(frozen=True)
class AotFacts:
    """What the runner needs to know of a kernel beside its text: see `aot_kernel`."""

    configs: tuple[Config, ...] = ()
    batched: Batched = ()
    collect_fn: ArgumentSets | None = None
    measure_fn: ArgumentSets | None = None


def aot_kernel(
    fn: Callable[..., Any] | None = None,
    *,
    config: Config | Mapping[str, Any] | None = None,
    configs: Sequence[Config | Mapping[str, Any]] | None = None,
    batched: Batched | None = None,
    collect_fn: ArgumentSets | None = None,
    measure_fn: ArgumentSets | None = None,
    key: Callable[..., Hashable] | None = None,
    **settings: Any,
) -> Any:
    """Like `helion.kernel`, but nothing is tuned when it is called: `autotune_<kernel>(*args)` of the file
    `_helion_aot_<stem>_<device>_<capability>.py` beside the kernel's (or in `HELION_HEURISTIC_DIR`) gives the config as a dict.

    `python -m helion.autotuner.aot_runner -- COMMAND` writes that file for the calls that a command makes; without it a call runs the
    default config and says so with `exc.NoAOTHeuristicWarning`. What else the runner goes by: of several `configs` it chooses, instead of
    searching. `batched` has an entry a parameter, and that an entry a dimension: what is not None marks a size that configs do not depend
    on, `[[0, None], None]` the first one of the first argument; calls that differ in such sizes are measured once and served alike.
    `collect_fn()` gives tuples of arguments that are noted, and tuned for, beside those of the calls; `measure_fn()` gives those to tune
    with instead of the ones called with.
    """
    facts = AotFacts((), tuple(batched or ()), collect_fn, measure_fn)
    if fn is None:
        given: dict[str, Any] = {"config": config, "configs": configs, "key": key, **settings}
        return functools.partial(aot_kernel, batched=batched, collect_fn=collect_fn, measure_fn=measure_fn, **given)
    if configs is not None and not isinstance(configs, Mapping) and len(configs) > 1:
        facts = AotFacts(tuple(c if isinstance(c, Config) else Config(**c) for c in configs), facts.batched, collect_fn, measure_fn)
        configs = None
    keywords: dict[str, Any] = {"autotuner_fn": DecisionLookup(facts.configs), **settings}
    made: Kernel = kernel(fn, config=config, configs=configs, key=key, **keywords)
    plan = aot_plan_path()
    if plan is None or made.configs or made.locks is not None:
        return made
    observed: Any = importlib.import_module("helion.runtime.aot_observed")  # imports the tuner, as decorating must not
    return observed.ObservedKernel(made, key, facts, plan)


@dataclass(frozen=True)
class DecisionLookup:
    """For `autotuner_fn`: makes what looks a config up. Of `configs` the first stands in where there is no decision."""

    configs: tuple[Config, ...] = ()

    def __call__(self, bound: BoundKernel, args: Sequence[Any], **options: Any) -> Decisions:
        return Decisions(bound, args, self.configs)

    def goes_by_sizes(self, bound: BoundKernel) -> bool:
        """Whether calls of one specialization may have different configs: there is a file that says so."""
        return _decide(bound)[1] is not None


@dataclass
class Decisions:
    """The search that looks a config up."""

    bound: BoundKernel
    args: Sequence[Any]
    configs: tuple[Config, ...] = field(default=())

    def autotune(self, *, skip_cache: bool = False) -> Config:
        """What the decision file says for the arguments; an empty dict is the default config. Without a file that, and a warning."""
        path, decide = _decide(self.bound)
        if decide is not None:
            decided = decide(*self.args)
            return self.bound.normalized(Config(**decided)) if decided else self.bound.config_spec.default()
        if aot_plan_path() is not None:  # the runner is about to make the file
            return self._default()
        name = self.bound.kernel.name
        where = "there is no decision file" if path is None else f"{path.name} has no autotune_{name}"
        warn(
            exc.NoAOTHeuristicWarning(f"{name} runs its default config: {where} for {device_words(self.bound.device)}"),
            self.bound.settings,
        )
        return self._default()

    def _default(self) -> Config:
        return self.bound.normalized(self.configs[0]) if self.configs else self.bound.config_spec.default()


def _decide(bound: BoundKernel) -> tuple[Path | None, Callable[..., Mapping[str, Any]] | None]:
    path = decision_file(bound.kernel.fn, bound.device)
    return path, None if path is None else getattr(_module(path), f"autotune_{bound.kernel.name}", None)


def decision_file(fn: Callable[..., Any], device: torch.device) -> Path | None:
    """The file of decisions for a kernel's source file on a device, if there is one."""
    source = Path(inspect.getfile(fn))
    name = decision_file_name(source, device_words(device))
    folders = (heuristic_directory(), source.parent)
    return next((folder / name for folder in folders if folder is not None and (folder / name).is_file()), None)


def decision_file_name(source: Path, device: str) -> str:
    return f"_helion_aot_{source.stem}_{device}.py"


def device_words(device: torch.device) -> str:
    """`cuda_sm90`, `rocm_gfx942`; `cpu` where Triton interprets."""
    if device.type != "cuda":
        return device.type
    return f"{'rocm' if torch.version.hip else 'cuda'}_{target_of(device).name.replace('_', '')}"


def _module(path: Path) -> Any:
    """The file as a module; raises what it raises."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
