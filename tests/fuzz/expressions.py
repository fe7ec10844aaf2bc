"""Which rule makes the next value, and how often; some more values in scope."""

from __future__ import annotations

import torch

from tests.fuzz.folds import along, reduce, topk
from tests.fuzz.loads import load, load_exactly
from tests.fuzz.pointwise import aligned, binary, helper, unary, where
from tests.fuzz.values import Axis, Value
from tests.fuzz.views import factory, gather, index, view
from tests.fuzz.writer import Writer

_RULES = (unary, binary, where, reduce, along, topk, view, index, factory, gather, helper)
_WEIGHTS = (5, 6, 3, 4, 4, 0.5, 3, 1.5, 0.7, 0.7, 0.6)
_TRIES = 6
_MOST_OF_RANK_3 = 6


def grow(w: Writer, steps: int, axes: tuple[Axis, ...]) -> None:
    """Some more values in scope, over some of the axes."""
    load(w, axes)
    for _ in range(steps):
        if w.draw.random() < 0.2:
            load(w, tuple(axis for axis in axes if w.draw.random() < 0.6) or axes[:1])
        for _ in range(_TRIES):
            if w.draw.choices(_RULES, _WEIGHTS)[0](w) is not None:
                break
        large = [value for value in w.values if len(value.axes) >= 3]
        if len(large) > _MOST_OF_RANK_3:
            w.values = [value for value in w.values if len(value.axes) < 3] + large[-3:]


def widened(w: Writer, axes: tuple[Axis, ...]) -> Value:
    """A float over exactly these axes, in this order, of something in scope if there is what fits."""
    base = load_exactly(w, axes)
    for value in reversed(w.values[:-1]):
        joined = None if value.name == base.name or w.dtype(value) == torch.bool else aligned(w, base, value)
        if joined is not None and joined[2] == axes:
            exact = value.exact and base.exact and w.dtype(value) == torch.float32
            return w.assign(f"{joined[0]} + {joined[1]} * 0.5", axes, exact, max(value.tolerance, base.tolerance)) or base
    return base
