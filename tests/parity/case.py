"""One example kernel with what it is called with and what torch gives for that: in one place for every way to run it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from helion.runtime.kernel import Kernel

Shape = tuple[int, ...]
Shapes = tuple[Shape, ...]
Draw = Callable[[Shape, torch.Generator, torch.dtype, list[torch.Tensor]], torch.Tensor]
DTYPES = (torch.float32, torch.bfloat16, torch.float16)


def normal(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: list[torch.Tensor]) -> torch.Tensor:
    """Standard normal values of the trial's dtype."""
    return torch.randn(shape, generator=generator).to(dtype)


def normal_float32(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: list[torch.Tensor]) -> torch.Tensor:
    """Standard normal values, float32 whatever the trial's dtype."""
    return torch.randn(shape, generator=generator)


def places_in(argument: int, dim: int = -1) -> Draw:
    """Draws int64 places along a dim of an argument drawn before."""

    def draw(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: list[torch.Tensor]) -> torch.Tensor:
        return torch.randint(max(drawn[argument].size(dim), 1), shape, generator=generator)

    return draw


@dataclass(frozen=True)
class Case:
    """`shapes` are of the tensor arguments, one entry a call; `draws` make the first of them, the others are standard normal; `extra` are
    further arguments. `expected` takes float64 for floating point tensors; what it gives as float64 is wanted in the trial's dtype.
    `no_dynamic_shapes` says why the kernel cannot be compiled with sizes as arguments yet. `gpu_tolerance` is the one on a GPU where that
    adds less precisely than the trial's dtype could.
    """

    name: str
    kernel: Kernel
    expected: Callable[..., Any]
    shapes: tuple[Shapes, ...]
    extra: tuple[Any, ...] = ()
    no_dynamic_shapes: str = ""
    draws: tuple[Draw, ...] = ()
    dtypes: tuple[torch.dtype, ...] = DTYPES
    gpu_tolerance: float = 0.0

    def arguments(self, call: int, dtype: torch.dtype, device: str) -> tuple[Any, ...]:
        generator = torch.Generator().manual_seed(call)
        drawn: list[torch.Tensor] = []
        for at, shape in enumerate(self.shapes[call]):
            draw = self.draws[at] if at < len(self.draws) else normal
            drawn.append(draw(shape, generator, dtype, drawn))
        return (*(tensor.to(device) for tensor in drawn), *self.extra)

    def wanted(self, arguments: tuple[Any, ...], dtype: torch.dtype) -> Any:
        wide = (a.double() if isinstance(a, torch.Tensor) and a.is_floating_point() else a for a in arguments)
        return _rounded(self.expected(*wide), dtype)


def _rounded(result: Any, dtype: torch.dtype) -> Any:
    if isinstance(result, (tuple, list)):
        return tuple(_rounded(item, dtype) for item in result)
    return result.to(dtype) if isinstance(result, torch.Tensor) and result.dtype is torch.float64 else result
