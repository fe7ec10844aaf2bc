"""What a drawn kernel is made of: axes, values, arguments. Knows names and shapes, not how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["float", "int", "bool"]


@dataclass(frozen=True)
class Axis:
    """A dimension of a value. `subscript` reads it from a tensor; `size` is the host name of its length. An axis of `reduces` False is a
    tile: what is reduced over it depends on the block size."""

    subscript: str
    size: str
    reduces: bool

    @property
    def is_one(self) -> bool:
        return self.size == "1"


ONE = Axis("None", "1", reduces=False)


@dataclass(frozen=True)
class Value:
    """A name in device code. Floats are float32 and about 1 in size, ints int32 or int64 and below 64 in magnitude."""

    name: str
    axes: tuple[Axis, ...]
    kind: Kind


@dataclass(frozen=True)
class Argument:
    """A tensor of a kernel: its sizes by name, its dtype as torch spells it, what its elements are (`float`, `int`, `bool`, or `index`
    into something of size `below`), and how it lies in memory (`plain`, `transposed`, `strided`, `expanded`)."""

    name: str
    sizes: tuple[str, ...]
    dtype: str
    elements: str
    below: str = ""
    layout: str = "plain"
