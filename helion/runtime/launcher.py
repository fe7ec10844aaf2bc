"""What a generated host function calls: launches a Triton kernel over a grid, and tells how many multiprocessors there are."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

import torch

from helion.runtime.devices import gpu_properties

_INTERPRETER_PROGRAMS = 4


def default_launcher(triton_kernel: Any, grid: tuple[int, ...], *args: Any, num_warps: int, num_stages: int, **options: Any) -> Any:
    """Launch; an empty grid launches nothing."""
    if 0 in grid:
        return None
    return triton_kernel[grid](*args, num_warps=num_warps, num_stages=num_stages, **options)


@cache
def _multiprocessors(index: int | None) -> int:
    return gpu_properties(index).multi_processor_count


def get_num_sm(device: torch.device, *, reserved_sms: int = 0) -> int:
    """Multiprocessors of a GPU less those reserved, at least 1; a few for a CPU, where Triton's interpreter runs programs one by one."""
    count = _multiprocessors(device.index) if device.type == "cuda" else _INTERPRETER_PROGRAMS
    return max(1, count - reserved_sms)


def set_triton_allocator() -> None:
    """Let kernels that make tensor descriptors on the device allocate their space with torch, on the current stream; in this thread, and
    where nobody set another allocator of Triton's."""
    allocation: Any = importlib.import_module("triton.runtime._allocation")
    if isinstance(allocation._allocator.get(), allocation.NullAllocator):
        allocation.set_allocator(_allocate)


def _allocate(size: int, alignment: int, stream: int | None) -> torch.Tensor:
    return torch.empty(size, device="cuda", dtype=torch.int8)
