"""A function that finds what runs a kernel for arguments in, functions that ask it once for every combination of sizes out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import torch

from helion.types.untyped import is_sequence

# What runs any call, and what runs one that nothing watches: the same function twice where that is no sooner.
Runs = tuple[Callable[..., Any], Callable[..., Any]]

# A generator of ever new sizes (tokens of a batch) must not grow the table without end; configs are few, so starting over is cheap.
_MOST = 4096


def dispatch_by_sizes(args: Sequence[Any], runs_of: Callable[[Sequence[Any]], Runs]) -> Runs:
    """`runs_of` is asked at the first call with new sizes, whichever of the two functions it comes to; later calls pay for a look-up
    under their sizes. Which arguments have sizes is the same in all calls of a specialization, and seen in `args`."""
    known: dict[Hashable, Runs] = {}

    def learn(sizes: Hashable, args: Sequence[Any]) -> Runs:
        if len(known) >= _MOST:
            known.clear()
        known[sizes] = found = runs_of(args)
        return found

    listed = ", ".join(f"a{position}" for position in range(len(args)))
    parts = [f"a{n}.shape" if isinstance(arg, torch.Tensor) else f"_sizes_inside(a{n})" for n, arg in enumerate(args) if _has_sizes(arg)]
    sizes = parts[0] if len(parts) == 1 else f"({', '.join(parts)})"
    names = {"_find": known.get, "_learn": learn, "_sizes_inside": _sizes_inside}
    usual, unwatched = (f"lambda {listed}: (_find(sizes := {sizes}) or _learn(sizes, ({listed},)))[{n}]({listed})" for n in range(2))
    return eval(usual, names), eval(unwatched, names)


def _has_sizes(value: Any) -> bool:
    return isinstance(value, torch.Tensor) or is_sequence(value)


def _sizes_inside(value: Any) -> Hashable:
    if is_sequence(value):
        return tuple(item.shape if isinstance(item, torch.Tensor) else _sizes_inside(item) for item in value)
    return None
