"""A launch in, the driver called: through Triton's JIT the first time, from then on straight through the compiled kernel's launcher.

Of a launch that Triton's JIT costs most is telling which compiled kernel the arguments need. Within one specialization of a kernel only
little can differ: whether pointers are aligned, and how wide and how divisible the integers are that come as arguments.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from helion.runtime.environment import is_triton_interpreter
from helion.runtime.launcher import default_launcher
from helion.types.alignment import ALIGNMENT

# Typed loosely: the number of a stream is not public, and Triton asks for it in the same way.
_TORCH: Any = torch
_GRIDS: Mapping[int, Callable[[tuple[int, ...]], tuple[int, ...]]] = {
    1: lambda grid: (grid[0], 1, 1),
    2: lambda grid: (grid[0], grid[1], 1),
    3: lambda grid: grid,
}


class DirectLauncher:
    """A `_launcher` for the host function of one generated module on one GPU: empty grids launch nothing.

    `device_index` is the GPU of the arguments, which must be the current one.
    """

    def __init__(self, device_index: int) -> None:
        self._device_index = device_index
        self._stream: Callable[[int], int] = _TORCH._C._cuda_getCurrentRawStream
        self._kernels: dict[Any, _Kernel] = {}

    def __call__(self, triton_kernel: Any, grid: tuple[int, ...], *args: Any, **options: Any) -> Any:
        if 0 in grid:
            return None
        kernel = self._kernels.get(triton_kernel.fn)
        if kernel is None or _listens(kernel.runtime.launch_enter_hook) or _listens(kernel.runtime.launch_exit_hook):
            return self._through_triton(triton_kernel, grid, args, options)
        values = list(args)
        unaligned = 0
        for position in kernel.pointers:
            values[position] = pointer = args[position].data_ptr()
            if pointer % ALIGNMENT:
                unaligned |= 1 << position
        key = (unaligned, *[args[position] for position in kernel.constants], *[_kind_of(args[position]) for position in kernel.integers])
        ready = kernel.ready.get(key)
        if ready is None:
            compiled = self._through_triton(triton_kernel, grid, args, options)
            kernel.ready[key] = _Ready(compiled, compiled.run, compiled.function, compiled.packed_metadata)
            return compiled
        columns, rows, layers = _GRIDS[len(grid)](grid)
        stream = self._stream(self._device_index)
        ready.run(columns, rows, layers, stream, ready.function, ready.metadata, None, None, None, *values)
        return ready.compiled

    def _through_triton(self, triton_kernel: Any, grid: tuple[int, ...], args: Sequence[Any], options: dict[str, Any]) -> Any:
        compiled = triton_kernel[grid](*args, **options)
        if triton_kernel.fn not in self._kernels:
            constants = tuple(position for position, parameter in enumerate(triton_kernel.params) if parameter.is_constexpr)
            others = [position for position in range(len(args)) if position not in constants]
            self._kernels[triton_kernel.fn] = _Kernel(
                importlib.import_module("triton").knobs.runtime,
                constants,
                tuple(position for position in others if isinstance(args[position], torch.Tensor)),
                tuple(position for position in others if type(args[position]) is int),
            )
        return compiled


def launcher_of(device: torch.device) -> Callable[..., Any]:
    """The launcher for one module whose arguments are on `device`. On AMD Triton also compiles for how large a tensor's storage is, which
    one specialization does not tell: there it launches itself."""
    is_nvidia = device.type == "cuda" and _TORCH.version.hip is None
    return DirectLauncher(device.index) if is_nvidia and not is_triton_interpreter() else default_launcher


@dataclass(frozen=True, slots=True)
class _Ready:
    """A compiled kernel, and what its launcher takes; looked up once."""

    compiled: Any
    run: Callable[..., Any]
    function: int
    metadata: Any


@dataclass(frozen=True, slots=True)
class _Kernel:
    """A kernel of the module: which of its arguments are constants of the code, pointers and integers, which they are in every launch,
    and what is ready to run. `runtime` is Triton's settings, which say who wants to be told of launches."""

    runtime: Any
    constants: tuple[int, ...]
    pointers: tuple[int, ...]
    integers: tuple[int, ...]
    ready: dict[tuple[Hashable, ...], _Ready] = field(default_factory=dict[tuple[Hashable, ...], _Ready])


def _listens(hook: Any) -> bool:
    """Whether a profiler wants to know of launches: Triton calls it with what only Triton collects."""
    return hook is not None and bool(getattr(hook, "calls", hook))


def _kind_of(value: int) -> tuple[bool, bool, bool, bool]:
    """What Triton compiles an integer for: whether it is 1, whether 16 divides it, and how wide it is."""
    return (value == 1, value % ALIGNMENT == 0, -(1 << 31) <= value < 1 << 31, value < 1 << 63)
