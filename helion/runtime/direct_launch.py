"""A launch in, the driver called: through Triton's JIT the first time, from then on straight through the compiled kernel's launcher.

Of a launch that Triton's JIT costs most is telling which compiled kernel the arguments need. Within one specialization of a kernel only
little can differ: whether pointers are aligned, and how wide and how divisible the integers are that come as arguments.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from helion.runtime.environment import is_triton_interpreter
from helion.runtime.launcher import default_launcher

# Typed loosely: the number of a stream is not public, and Triton asks for it in the same way.
_TORCH: Any = torch
_ALIGNMENT = 16
_UNSPECIALIZED = (float, bool, type(None))
_DESCRIPTOR = "TensorDescriptor"


class DirectLauncher:
    """A `_launcher` for the host function of one generated module on one GPU: empty grids launch nothing.

    `device_index` is the GPU of the arguments, which must be the current one.
    """

    def __init__(self, device_index: int) -> None:
        self._device_index = device_index
        self._stream: Callable[[int], int] = _TORCH._C._cuda_getCurrentRawStream
        self._runtime: Any = None
        self._constexprs: dict[Any, tuple[bool, ...]] = {}
        self._ready: dict[tuple[Hashable, ...], _Ready] = {}

    def __call__(self, triton_kernel: Any, grid: tuple[int, ...], *args: Any, **options: Any) -> Any:
        if 0 in grid:
            return None
        constexprs = self._constexprs.get(triton_kernel.fn)
        if constexprs is None or self._is_watched():
            return self._through_triton(triton_kernel, grid, args, options)
        facts, values = _facts_of(args, constexprs)
        if facts is None:
            return self._through_triton(triton_kernel, grid, args, options)
        key = (triton_kernel.fn, *facts)
        ready = self._ready.get(key)
        if ready is None:
            compiled = self._through_triton(triton_kernel, grid, args, options)
            self._ready[key] = _Ready(compiled, compiled.run, compiled.function, compiled.packed_metadata)
            return compiled
        columns, rows, layers = grid if len(grid) == 3 else (*grid, 1, 1)[:3]
        stream = self._stream(self._device_index)
        ready.run(columns, rows, layers, stream, ready.function, ready.metadata, None, None, None, *values)
        return ready.compiled

    def _through_triton(self, triton_kernel: Any, grid: tuple[int, ...], args: Sequence[Any], options: dict[str, Any]) -> Any:
        compiled = triton_kernel[grid](*args, **options)
        if self._runtime is None:
            self._runtime = importlib.import_module("triton").knobs.runtime
        if triton_kernel.fn not in self._constexprs:
            self._constexprs[triton_kernel.fn] = tuple(parameter.is_constexpr for parameter in triton_kernel.params)
        return compiled

    def _is_watched(self) -> bool:
        """Whether a profiler wants to know of launches: Triton calls it with what only Triton collects."""
        return any(getattr(hook, "calls", hook) for hook in (self._runtime.launch_enter_hook, self._runtime.launch_exit_hook))


def launcher_of(device: torch.device) -> Callable[..., Any]:
    """The launcher for one module whose arguments are on `device`."""
    return DirectLauncher(device.index) if device.type == "cuda" and not is_triton_interpreter() else default_launcher


@dataclass(frozen=True, slots=True)
class _Ready:
    """A compiled kernel, and what its launcher takes; looked up once."""

    compiled: Any
    run: Callable[..., Any]
    function: int
    metadata: Any


def _facts_of(args: Sequence[Any], constexprs: Sequence[bool]) -> tuple[list[Hashable] | None, list[Any]]:
    """What Triton specializes on, and the arguments with pointers for tensors; no facts where an argument is of a kind not known here."""
    facts: list[Hashable] = []
    values: list[Any] = []
    for value, is_constexpr in zip(args, constexprs, strict=True):
        kind = value.__class__
        if is_constexpr:
            facts.append(value)
        elif kind is torch.Tensor or isinstance(value, torch.Tensor):
            value = value.data_ptr()
            facts.append(value % _ALIGNMENT == 0)
        elif kind is int:
            facts.append((value == 1, value % _ALIGNMENT == 0, -(1 << 31) <= value < 1 << 31, value < 1 << 63))
        elif kind in _UNSPECIALIZED or kind.__name__ == _DESCRIPTOR:
            facts.append(kind)
        else:
            return None, values
        values.append(value)
    return facts, values
