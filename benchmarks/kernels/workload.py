"""What is measured: some work, its arguments, and everyone who can do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from helion.runtime.kernel import Kernel

Call = Callable[..., Any]


@dataclass(frozen=True)
class Workload:
    """`make()` gives the arguments of every provider. The work is `bytes` moved (each input read once, each output written once) or
    `flops`; the larger of the two over its ceiling is the floor. `peers` are other implementations by name; `eager` is the reference.
    `is_baseline`: tuning compares with it, too, rather than with the kernel's own reference mode, which takes too long.
    """

    name: str
    kernel: Kernel
    eager: Call
    make: Callable[[], tuple[Any, ...]]
    bytes: float = 0.0
    flops: float = 0.0
    peers: Mapping[str, Call] = field(default_factory=dict[str, Call])
    tolerance: float = 2e-2
    is_baseline: bool = False


def randn(*shape: int, dtype: torch.dtype = torch.bfloat16) -> torch.Tensor:
    return torch.randn(shape, device="cuda", dtype=dtype)
