"""A bound kernel and the arguments of a call in, what the measuring side asks about it out; runs on the arguments' device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch.utils._pytree import tree_map

from helion.autotune.correctness import Comparison, Tolerance
from helion.autotune.device_timer import DeviceTimer
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
        self._chosen: tuple[str, Callable[..., Any]] | None = None

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
        assert self._chosen is not None, "asked for after a first result"
        return self._chosen[0]

    def reference(self, arguments: tuple[Any, ...]) -> Any:
        """What results are compared with: those of the user's baseline, else of the eager reference, else, where eager torch cannot run
        the kernel (it may need the memory that tiles save) or draws other numbers, of the default config. The first result is also how
        that is found out, since a run may take long. Raises CannotSetUpError."""
        if self._chosen is not None:
            return self._chosen[1](*arguments)
        baseline = self._bound.settings.autotune_baseline_fn
        if baseline is not None:
            return self._first_result("the baseline function", baseline, arguments, "autotune_baseline_fn failed")
        if draws_numbers(self._bound.ir):
            return self._of_default_config(arguments, "eager torch draws other numbers")
        eager = reference_function(self._bound.kernel.fn)
        untouched = tree_map(_copy, arguments)
        try:
            results = eager(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever eager torch cannot do
            tree_map(_restore, arguments, untouched)
            return self._of_default_config(arguments, f"eager torch gives {_words(error)}")
        self._chosen = "the eager reference", eager
        return results

    def _of_default_config(self, arguments: tuple[Any, ...], why: str) -> Any:
        default = self._bound.compile_config(self._bound.config_spec.default(), allow_print=False)
        problem = f"there is nothing to compare results with (give autotune_baseline_fn): {why}, and the default config"
        return self._first_result("the default config", default, arguments, problem)

    def _first_result(self, name: str, function: Callable[..., Any], arguments: tuple[Any, ...], problem: str) -> Any:
        self._chosen = name, function
        try:
            return function(*arguments)
        except Exception as error:
            raise CannotSetUpError(f"{problem}: {_words(error)}") from error

    def inputs(self, input_set: int) -> tuple[Any, ...]:
        generator = torch.Generator(device=self._bound.device).manual_seed(input_set)

        def copy(value: Any) -> Any:
            fresh = _copy(value)
            if input_set and isinstance(fresh, torch.Tensor) and fresh.is_floating_point():
                fresh.copy_(torch.randn(fresh.shape, generator=generator, device=fresh.device))
            return fresh

        return tree_map(copy, self._args)

    def load(self, module: TritonModule) -> Callable[..., Any]:
        return load_module(module, self._bound.kernel.fn, launcher_of(self._bound.device))


def comparison_of(settings: Settings) -> Comparison:
    """How close results must be, by whose judgement, or not at all."""
    tolerance = Tolerance(settings.autotune_baseline_rtol, settings.autotune_baseline_atol or 0.0)
    return Comparison(tolerance, settings.autotune_baseline_accuracy_check_fn, settings.autotune_accuracy_check)


def _copy(value: Any) -> Any:
    return value.clone(memory_format=torch.preserve_format) if isinstance(value, torch.Tensor) else value


def _restore(value: Any, before: Any) -> None:
    if isinstance(value, torch.Tensor):
        value.copy_(before)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
