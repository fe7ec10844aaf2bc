"""One subscript in one small kernel, with what torch's own indexing gives for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

Shape = tuple[int, ...]
# Elements beside a tensor: at the first place its memory begins where the bulk tensor copy engine can, at the second it does not.
ALIGNED, MISALIGNED = 64, 37


@dataclass(frozen=True)
class IndexCase:
    """`kernel(*inputs, out)` writes `out`, which `expected(*inputs, out)` does with torch. `not_eager` says why it cannot run eagerly."""

    kernel: Callable[..., None]
    inputs: Callable[[], tuple[Any, ...]]
    out: Shape
    expected: Callable[..., None]
    dtype: torch.dtype = torch.float32
    not_eager: str = ""

    @property
    def name(self) -> str:
        return self.kernel.__name__


def guarded(shape: Shape, fill: float, dtype: torch.dtype, guard: int = ALIGNED, device: str = "cpu") -> tuple[torch.Tensor, torch.Tensor]:
    """A tensor in the middle of a buffer, and the whole buffer: what is written beside the tensor shows."""
    numel = 1
    for size in shape:
        numel *= size
    buffer = torch.full((numel + 2 * guard,), fill, dtype=dtype, device=device)
    return buffer[guard : guard + numel].view(shape), buffer


def floats(*shape: int) -> torch.Tensor:
    """Distinct numbers, in the middle of a buffer of NaNs."""
    tensor, _ = guarded(shape, float("nan"), torch.float32)
    tensor.copy_(torch.arange(1.0, tensor.numel() + 1).view(shape))
    return tensor


def integers(*values: Any) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.int64)
