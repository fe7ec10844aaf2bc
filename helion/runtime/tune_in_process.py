"""Tuning at a call: the live kernel and its arguments are measured in this process, since no other can be given them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch
from torch.utils._pytree import tree_map

from helion import exc
from helion.autotune.correctness import Tolerance
from helion.autotune.device_timer import DeviceTimer
from helion.autotune.local_process import LocalProcess
from helion.autotune.measure_messages import SetUp
from helion.autotune.result import TuneFailure
from helion.autotune.searches.finite import FiniteSearch
from helion.autotune.tune_kernel import MeasuredMethod, TuneOptions, tune_kernel
from helion.codegen.triton_module import TritonModule
from helion.config.config import Config
from helion.reference.run import reference_function
from helion.runtime.devices import product_name
from helion.runtime.loader import load_module
from helion.settings import Settings

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel

_DEFAULT_BUDGET_SECONDS = 60.0


class LiveSubject:
    """A bound kernel with the arguments of the call at hand; set 0 is a copy of them, further sets are fresh numbers of the same kind."""

    def __init__(self, bound: BoundKernel, args: Sequence[Any]) -> None:
        self._bound = bound
        self._args = tuple(args)

    @property
    def device(self) -> str:
        return product_name(self._bound.device)

    def make_timer(self) -> DeviceTimer:
        return DeviceTimer(self._bound.device)

    @property
    def reference_name(self) -> str:
        return self._reference[0]

    @cached_property
    def _reference(self) -> tuple[str, Callable[..., Any]]:
        """What results are compared with, in words and as a function: the user's baseline, else the eager reference, else, where eager
        torch cannot run the kernel (it may need the memory that tiles save), the default config."""
        baseline = self._bound.settings.autotune_baseline_fn
        if baseline is not None:
            return "the baseline function", baseline
        eager = reference_function(self._bound.kernel.fn)
        try:
            eager(*self.inputs(0))
        except Exception:  # noqa: BLE001 - whatever eager torch cannot do
            return "the default config", self._bound.compile_config(self._bound.config_spec.default(), allow_print=False)
        return "the eager reference", eager

    def inputs(self, input_set: int) -> tuple[Any, ...]:
        generator = torch.Generator(device=self._bound.device).manual_seed(input_set)

        def copy(value: Any) -> Any:
            if not isinstance(value, torch.Tensor):
                return value
            fresh = value.clone(memory_format=torch.preserve_format)
            if input_set and fresh.is_floating_point():
                fresh.copy_(torch.randn(fresh.shape, generator=generator, device=fresh.device))
            return fresh

        return tree_map(copy, self._args)

    def load(self, module: TritonModule) -> Callable[..., Any]:
        return load_module(module, self._bound.kernel.fn.__globals__)

    def reference(self, arguments: tuple[Any, ...]) -> Any:
        return self._reference[1](*arguments)


def tolerance_of(settings: Settings) -> Tolerance:
    """How close results must be."""
    return Tolerance(settings.autotune_baseline_rtol, settings.autotune_baseline_atol or 0.0)


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
    tolerance = Tolerance(settings.autotune_baseline_rtol, settings.autotune_baseline_atol or 0.0)
    options = TuneOptions(
        budget_seconds=budget_seconds or settings.autotune_budget_seconds or _DEFAULT_BUDGET_SECONDS,
        effort=effort or settings.autotune_effort,
        seed=settings.autotune_random_seed or 0,
        seeds=(*bound.configs, *(settings.autotune_seed_configs or ())),
        overrides=settings.autotune_config_overrides,
        compile_seconds=float(settings.autotune_compile_timeout),
        search=FiniteSearch(tuple(bound.normalized(c) for c in candidates)) if candidates else None,
    )
    result = tune_kernel(bound.ir, bound.config_spec, bound.target, MeasuredMethod(process, SetUp(None, tolerance)), options)
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
