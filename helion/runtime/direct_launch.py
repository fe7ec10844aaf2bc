"""A launch in, the driver called: through Triton's JIT the first time, from then on straight through the compiled kernel's launcher.

Of a launch that Triton's JIT costs most is telling which compiled kernel the arguments need. Within one specialization of a kernel only
little can differ: whether pointers are aligned, and how wide and how divisible the integers are that come as arguments.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import torch

from helion.codegen.triton_module import LaunchPlan
from helion.runtime.environment import is_triton_interpreter
from helion.runtime.host_descriptor import checked
from helion.runtime.launcher import default_launcher
from helion.runtime.straight_launch import ArgumentKinds, Launch, kind_of, straight_launch, width_of
from helion.types.alignment import ALIGNMENT

# Typed loosely: the number of a stream is not public, and Triton asks for it in the same way.
_TORCH: Any = torch
Launcher = Callable[..., Any]
# Made for the launch of a generated module, and for what makes another launcher the one that its host function calls.
LauncherMaker = Callable[[LaunchPlan, Callable[[Launcher], None]], Launcher]


class DirectLauncher:
    """The first `_launcher` of a generated module on one GPU: empty grids launch nothing.

    As a dynamic linker does, it finds what a launch needs and has the host function call that from then on; what that cannot serve comes
    back. `device_index` is the GPU of the arguments, which must be the current one.
    """

    def __init__(self, plan: LaunchPlan, link: Callable[[Launcher], None], device_index: int) -> None:
        computed = [a.kind == "constexpr" and a.host_expression != a.name for a in plan.arguments]
        self._constants = tuple(position for position, is_computed in enumerate(computed) if is_computed)
        self._constexprs = frozenset(position for position, a in enumerate(plan.arguments) if a.kind == "constexpr")
        self._descriptors = tuple(position for position, a in enumerate(plan.arguments) if a.kind == "descriptor")
        self._unspecialized = frozenset(position for position, a in enumerate(plan.arguments) if not a.is_specialized)
        self._link = link
        self._device_index = device_index
        self._stream: Callable[[int], int] = _TORCH._C._cuda_getCurrentRawStream
        self._straight: dict[Hashable, Launcher] = {}

    def __call__(self, triton_kernel: Any, grid: tuple[int, ...], *args: Any, **options: Any) -> Any:
        if 0 in grid:
            return None
        runtime: Any = importlib.import_module("triton").knobs.runtime
        hooks = (runtime.launch_enter_hook, runtime.launch_exit_hook)
        if any(_listens(hook) for hook in hooks):
            return triton_kernel[grid](*map(checked, args), **options)
        kinds = self._kinds(args)
        key = (
            *(id(hook) for hook in hooks),
            *(args[position].data_ptr() % ALIGNMENT == 0 for position in kinds.pointers),
            *(args[position] for position in kinds.constants),
            *((width_of if position in self._unspecialized else kind_of)(args[position]) for position in kinds.integers),
        )
        straight = self._straight.get(key)
        if straight is None:
            compiled = triton_kernel[grid](*map(checked, args), **options)
            launch = Launch(grid, args, options, compiled, runtime)
            self._straight[key] = straight = straight_launch(launch, kinds, self._stream, self._device_index, self)
            self._link(straight)
            return compiled
        self._link(straight)
        return straight(triton_kernel, grid, *args, **options)

    def _kinds(self, args: Sequence[Any]) -> ArgumentKinds:
        others = [position for position in range(len(args)) if position not in self._constexprs]
        return ArgumentKinds(
            self._constants,
            tuple(position for position in others if isinstance(args[position], torch.Tensor)),
            tuple(position for position in others if isinstance(args[position], int) and not isinstance(args[position], bool)),
            self._descriptors,
            self._unspecialized,
        )


def launcher_of(device: torch.device) -> LauncherMaker:
    """What makes the launcher for a module whose arguments are on `device`. On AMD Triton also compiles for how large a tensor's storage
    is, which one specialization does not tell: there it launches itself."""
    is_nvidia = device.type == "cuda" and _TORCH.version.hip is None
    if is_nvidia and not is_triton_interpreter():
        return lambda plan, link: DirectLauncher(plan, link, device.index)
    return lambda plan, link: default_launcher


def _listens(hook: Any) -> bool:
    """Whether a profiler wants to know of launches: Triton calls it with what only Triton collects."""
    return hook is not None and bool(getattr(hook, "calls", hook))
