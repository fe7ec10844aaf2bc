"""The code of one element of an elementwise call's result, as data: what the adapter to Inductor gives, for those who need no Inductor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch


@dataclass(frozen=True)
class TensorOperand:
    """A tensor argument: its dtype and, for each dim, a number that is the same for equal sizes and 1 for size 1."""

    dtype: torch.dtype
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class ElementCall:
    """An ATen call, where tensors and numbers of the device are `TensorOperand`s and lists are tuples; `rank` is the result's.

    Two are the same only if `text` is: 1, 1.0 and True are equal in Python, as are 0.0 and -0.0, and are not computed with alike.
    """

    target: Any
    args: tuple[Any, ...]
    kwargs: tuple[tuple[str, Any], ...]
    rank: int
    text: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", repr((str(self.target), self.args, self.kwargs, self.rank)))


@dataclass(frozen=True)
class Way:
    """How Inductor deals with an ATen call: by other calls that its `decomposition` makes, else by a lowering of its own if it has one."""

    decomposition: Callable[..., Any] | None
    has_lowering: bool


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
