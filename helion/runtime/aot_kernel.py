"""`helion.aot_kernel`: a kernel whose configs come from a file of decisions beside its source, made ahead of time for a device."""

from __future__ import annotations

import functools
import importlib.util
import inspect
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from helion import exc
from helion.config.config import Config
from helion.runtime.devices import target_of
from helion.runtime.environment import heuristic_directory
from helion.runtime.kernel import Kernel, kernel
from helion.runtime.warn import warn

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel


def aot_kernel(
    fn: Callable[..., Any] | None = None,
    *,
    config: Config | Mapping[str, Any] | None = None,
    configs: Sequence[Config | Mapping[str, Any]] | None = None,
    key: Callable[..., Hashable] | None = None,
    **settings: Any,
) -> Any:
    """Like `helion.kernel`, but nothing is tuned when it is called: `autotune_<kernel>(*args)` of the file
    `_helion_aot_<stem>_<device>_<capability>.py` beside the kernel's (or in `HELION_HEURISTIC_DIR`) gives the config as a dict.

    Without the file a call runs the default config and says so with `exc.NoAOTHeuristicWarning`. The functions that collect and measure
    (`batched`, `collect_fn`, `measure_fn`) belong to a runner that does not exist here: raises `exc.BackendImplementationMissing` for them.
    """
    missing = sorted({"batched", "collect_fn", "measure_fn"} & {name for name, value in settings.items() if value is not None})
    if missing:
        raise exc.BackendImplementationMissing(f"aot_kernel: {missing[0]} is for a runner that does not exist; write the decision file")
    for name in ("batched", "collect_fn", "measure_fn"):
        settings.pop(name, None)
    if fn is None:
        return functools.partial(aot_kernel, config=config, configs=configs, key=key, **settings)
    keywords: dict[str, Any] = {"autotuner_fn": Decisions, **settings}
    made: Kernel = kernel(fn, config=config, configs=configs, key=key, **keywords)
    return made


@dataclass
class Decisions:
    """The search that looks a config up, for `autotuner_fn`."""

    bound: BoundKernel
    args: Sequence[Any]

    def autotune(self, *, skip_cache: bool = False) -> Config:
        """What the decision file says for the arguments, else the default config with a warning."""
        name = self.bound.kernel.name
        path = decision_file(self.bound.kernel.fn, self.bound.device)
        decide = None if path is None else getattr(_module(path), f"autotune_{name}", None)
        if decide is not None:
            return self.bound.normalized(Config(**decide(*self.args)))
        where = "there is no decision file" if path is None else f"{path.name} has no autotune_{name}"
        warn(
            exc.NoAOTHeuristicWarning(f"{name} runs its default config: {where} for {_device_words(self.bound.device)}"),
            self.bound.settings,
        )
        return self.bound.config_spec.default()


def decision_file(fn: Callable[..., Any], device: torch.device) -> Path | None:
    """The file of decisions for a kernel's source file on a device, if there is one."""
    source = Path(inspect.getfile(fn))
    name = f"_helion_aot_{source.stem}_{_device_words(device)}.py"
    folders = (heuristic_directory(), source.parent)
    return next((folder / name for folder in folders if folder is not None and (folder / name).is_file()), None)


def _device_words(device: torch.device) -> str:
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
