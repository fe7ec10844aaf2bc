"""A function that finds the compiled kernel for arguments in, one that asks it once for every combination of sizes out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import torch

from helion.types.untyped import is_sequence

# A generator of ever new sizes (tokens of a batch) must not grow the table without end; configs are few, so starting over is cheap.
_MOST = 4096


def dispatch_by_sizes(args: Sequence[Any], run_of: Callable[[Sequence[Any]], Callable[..., Any]]) -> Callable[..., Any]:
    """`run_of` is asked at the first call with new sizes; later calls pay for a look-up under their sizes. Which arguments have sizes is
    the same in all calls of a specialization, and seen in `args`."""
    known: dict[Hashable, Callable[..., Any]] = {}

    def learn(sizes: Hashable, args: Sequence[Any]) -> Callable[..., Any]:
        if len(known) >= _MOST:
            known.clear()
        known[sizes] = found = run_of(args)
        return found

    listed = ", ".join(f"a{position}" for position in range(len(args)))
    parts = [f"a{n}.shape" if isinstance(arg, torch.Tensor) else f"_sizes_inside(a{n})" for n, arg in enumerate(args) if _has_sizes(arg)]
    sizes = parts[0] if len(parts) == 1 else f"({', '.join(parts)})"
    text = f"lambda {listed}: (_find(sizes := {sizes}) or _learn(sizes, ({listed},)))({listed})"
    return eval(text, {"_find": known.get, "_learn": learn, "_sizes_inside": _sizes_inside})


def _has_sizes(value: Any) -> bool:
    return isinstance(value, torch.Tensor) or is_sequence(value)


def _sizes_inside(value: Any) -> Hashable:
    if is_sequence(value):
        return tuple(item.shape if isinstance(item, torch.Tensor) else _sizes_inside(item) for item in value)
    return None
