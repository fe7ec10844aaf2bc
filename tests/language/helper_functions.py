"""Programs about functions that device code calls: they are Python, with parameters, functions and lists of their own."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from typing import Any

import torch

import helion
import helion.language as hl
from tests.language import other_file
from tests.language.arguments import matrix, vector
from tests.language.other_file import above, scaled
from tests.language.program import Program


class Mode(enum.Enum):
    PLAIN = "plain"
    SQUARED = "squared"


def _total(first: torch.Tensor, *others: torch.Tensor, scale: float = 1.0, **named: float) -> torch.Tensor:
    for other in others[1:]:
        first = first + other
    return first * scale + named["offset"]


def _powers(v: torch.Tensor, count: int) -> torch.Tensor:
    assert v.dim() == 1, "a vector"
    powers = [torch.ones_like(v)]
    for _ in range(3):
        powers.append(powers[-1] * v)
    powers.extend([v, v])
    return sum(powers[count:])  # pyright: ignore[reportReturnType]  # the sum of tensors


def _twice(v: torch.Tensor) -> torch.Tensor:
    s = v * 2

    def plus(w: torch.Tensor) -> torch.Tensor:
        return w + s

    shifted: Callable[[torch.Tensor], torch.Tensor] = lambda w: plus(w) - s  # noqa: E731
    return shifted(v) + plus(v)


@helion.kernel
def helpers_with_parameters(x: torch.Tensor) -> torch.Tensor:
    """Any number of arguments, names of their own, lists that grow, functions inside that read what is around them."""
    out = x.new_empty([4, x.size(0)])
    for tile in hl.tile(x.size(0)):
        v = x[tile]
        out[0, tile] = _total(v, v, v, v, scale=2.0, offset=1.0)
        out[1, tile] = _total(v, offset=0.5)
        out[2, tile] = _powers(v, 2)
        out[3, tile] = _twice(v)
    return out


def _helpers_with_parameters(x: torch.Tensor) -> torch.Tensor:
    return torch.stack([x * 6 + 1, x + 0.5, x**2 + x**3 + 2 * x, x + x * 3])


@helion.kernel
def limits_of_dtypes(x: torch.Tensor) -> torch.Tensor:
    """What a dtype holds, asked on the host and on the device."""
    out = torch.empty_like(x)
    lowest = torch.finfo(x.dtype).min
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        masked = torch.where(v > 0, v, torch.finfo(v.dtype).min)
        out[tile, :] = torch.maximum(masked, torch.full_like(v, lowest / 2)) + torch.iinfo(torch.int8).max
    return out


@helion.kernel
def modes(x: torch.Tensor, mode: Mode, function: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    """A member of an enum chooses, and a method of tensors is a function."""
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        v = function(x[tile])
        if mode == Mode.SQUARED:
            v = v * v
        out[tile] = v
    return out


def _limits(x: torch.Tensor) -> torch.Tensor:
    return torch.where(x > 0, x, torch.finfo(x.dtype).min / 2) + 127


def _modes(x: torch.Tensor, mode: Mode, function: Any) -> torch.Tensor:
    return function(x) ** (2 if mode is Mode.SQUARED else 1)


@helion.kernel
def defaults_of_another_file(x: torch.Tensor) -> torch.Tensor:
    doubled = scaled(x, 2.0)
    out = torch.empty_like(doubled)
    for tile in hl.tile(x.size(0)):
        out[tile] = scaled(doubled[tile]) + scaled(x[tile], shift=0)
    return out


@dataclasses.dataclass(frozen=True)
class Steps:
    last: Callable[..., torch.Tensor]
    row: int


BY_NAME = {"above": above, "scaled": scaled}


@helion.kernel
def functions_in_places(x: torch.Tensor, table: torch.Tensor, functions: list[Any], steps: Steps, name: str) -> torch.Tensor:
    """A function that uses `hl` is a module's, a dict's by its key, a list's one after the other, a dataclass's."""
    out = x.new_empty([4, x.size(0)])
    for tile in hl.tile(x.size(0)):
        v = x[tile]
        out[0, tile] = other_file.above(v, table)
        out[1, tile] = BY_NAME[name](v, table, 0)
        for function in functions:
            v = function(v, table)
        out[2, tile] = v
        out[3, tile] = steps.last(x[tile], table, steps.row)
    return out


def _functions_in_places(x: torch.Tensor, table: torch.Tensor, functions: Any, steps: Steps, name: str) -> torch.Tensor:
    each = [torch.relu(x - value) for value in table]
    return torch.stack([each[1], each[0], torch.relu(each[1] - table[1]), each[2]])


def _places(device: str) -> tuple[Any, ...]:
    return *vector(device), torch.tensor([0.25, -0.5, 0.75], device=device), [above, above], Steps(above, 2), "above"


PROGRAMS = (
    Program(functions_in_places, _places, _functions_in_places),
    Program(defaults_of_another_file, vector, lambda x: (2 * x + 2) * 3 + 2 + x * 3),
    Program(helpers_with_parameters, vector, _helpers_with_parameters),
    Program(limits_of_dtypes, matrix, _limits),
    Program(modes, lambda d: (*vector(d), Mode.SQUARED, torch.Tensor.exp), _modes),
)
