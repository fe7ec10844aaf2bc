"""A function that finds the compiled kernel for arguments in, one that asks it once for every combination of sizes out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import torch

from helion.types.untyped import is_sequence

# A generator of ever new sizes (tokens of a batch) must not grow the table without end; configs are few, so starting over is cheap.
_MOST = 4096


def dispatch_by_sizes(run_of: Callable[[Sequence[Any]], Callable[..., Any]]) -> Callable[..., Any]:
    """`run_of` is asked at the first call with new sizes; later calls pay for a tuple of sizes and a look-up."""
    known: dict[Hashable, Callable[..., Any]] = {}

    def run(*args: Any) -> Any:
        sizes = tuple([arg.shape if isinstance(arg, torch.Tensor) else _sizes_inside(arg) for arg in args])
        found = known.get(sizes)
        if found is None:
            if len(known) >= _MOST:
                known.clear()
            found = known[sizes] = run_of(args)
        return found(*args)

    return run


def _sizes_inside(value: Any) -> Hashable:
    if is_sequence(value):
        return tuple(item.shape if isinstance(item, torch.Tensor) else _sizes_inside(item) for item in value)
    return None
