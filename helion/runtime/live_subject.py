"""A bound kernel and the arguments of a call in, what the measuring side asks about it out; runs on the arguments' device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch
from torch.utils._pytree import tree_map

from helion.autotune.correctness import Comparison, Tolerance
from helion.autotune.device_timer import DeviceTimer
from helion.autotune.seeded import seeded
from helion.autotune.subject import CannotSetUpError, Timer
from helion.autotune.user_timer import UserTimer
from helion.codegen.triton_module import TritonModule
from helion.device_ir.draws import draws_numbers
from helion.reference.run import reference_function
from helion.runtime.devices import product_name
from helion.runtime.direct_launch import launcher_of
from helion.runtime.loader import load_module
from helion.settings import Settings

if TYPE_CHECKING:
    from helion.runtime.bound_kernel import BoundKernel


class LiveSubject:
    """A bound kernel with the arguments of the call at hand; set 0 is a copy of them, further sets are fresh numbers of the same kind."""

    def __init__(self, bound: BoundKernel, args: Sequence[Any]) -> None:
        self._bound = bound
        self._args = tuple(args)

    @property
    def device(self) -> str:
        return product_name(self._bound.device)

    @property
    def comparison(self) -> Comparison:
        return comparison_of(self._bound.settings)

    def make_timer(self) -> Timer:
        benchmark = self._bound.settings.autotune_benchmark_fn
        return DeviceTimer(self._bound.device) if benchmark is None else UserTimer(benchmark)

    @property
    def reference_name(self) -> str:
        return self._reference[0]

    @cached_property
    def _reference(self) -> tuple[str, Callable[..., Any]]:
        """What results are compared with, in words and as a function: the user's baseline, else the eager reference, else, where eager
        torch cannot run the kernel (it may need the memory that tiles save) or draws other numbers, the default config. Raises
        CannotSetUpError."""
        baseline = self._bound.settings.autotune_baseline_fn
        if baseline is not None:
            self._try(baseline, "autotune_baseline_fn failed")
            return "the baseline function", baseline
        if draws_numbers(self._bound.ir):
            return self._default_config("eager torch draws other numbers")
        eager = reference_function(self._bound.kernel.fn)
        try:
            eager(*self.inputs(0))
        except Exception as error:  # noqa: BLE001 - whatever eager torch cannot do
            return self._default_config(f"eager torch gives {_words(error)}")
        return "the eager reference", eager

    def _default_config(self, why: str) -> tuple[str, Callable[..., Any]]:
        default = self._bound.compile_config(self._bound.config_spec.default(), allow_print=False)
        self._try(default, f"there is nothing to compare results with (give autotune_baseline_fn): {why}, and the default config")
        return "the default config", default

    def _try(self, function: Callable[..., Any], what: str) -> None:
        try:
            with seeded():
                function(*self.inputs(0))
        except Exception as error:
            raise CannotSetUpError(f"{what}: {_words(error)}") from error

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
        return load_module(module, self._bound.kernel.fn, launcher_of(self._bound.device))

    def reference(self, arguments: tuple[Any, ...]) -> Any:
        return self._reference[1](*arguments)


def comparison_of(settings: Settings) -> Comparison:
    """How close results must be, by whose judgement, or not at all."""
    tolerance = Tolerance(settings.autotune_baseline_rtol, settings.autotune_baseline_atol or 0.0)
    return Comparison(tolerance, settings.autotune_baseline_accuracy_check_fn, settings.autotune_accuracy_check)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
