"""Torch's generators put at one place for a while, so that kernels that draw from them can be compared."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import torch

_RANDOM: Any = torch.random  # partly without types


@contextmanager
def seeded() -> Generator[None]:
    """The same numbers for every candidate; afterwards the generators go on as if nothing was drawn."""
    devices = [torch.cuda.current_device()] if torch.cuda.is_initialized() else []
    with _RANDOM.fork_rng(devices):
        _RANDOM.manual_seed(0)
        yield
