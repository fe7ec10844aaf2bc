"""The code of one element of an elementwise call's result, as data: what the adapter to Inductor gives, for those who need no Inductor."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class TensorOperand:
    """A tensor argument: its dtype and, for each dim, a number that is the same for equal sizes and 1 for size 1."""

    dtype: torch.dtype
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """One op: `{t0}` is an earlier step's value, `{a0}` an argument's, `{p0}` the element's position along dim 0 of the result."""

    template: str
    uses: tuple[str, ...]
    dtype: torch.dtype


@dataclass(frozen=True)
class ElementProgram:
    """Straight-line code for one element of a call's result; `result` names a step or an argument."""

    steps: tuple[Step, ...]
    result: str
    dtype: torch.dtype


class NotPointwise(Exception):
    """The call has no per-element function that depends only on the same element of its arguments."""
