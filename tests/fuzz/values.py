"""What a drawn kernel is made of: axes, values, arguments. Knows names and shapes, not how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SIZES = ("m", "n", "k", "p")
LENGTHS = (1, 2, 3, 5, 7, 8, 16, 17, 33)


@dataclass(frozen=True)
class Axis:
    """A dimension of a value. `subscript` reads it from a tensor; `size` is the host name of its length, or the length itself.

    Over a `tile` nothing is reduced, since what comes of it would depend on the block size; `whole` is `:`, `constant` a length that no
    size has (`topk`, `stack`), `one` a dimension of length 1.
    """

    subscript: str
    size: str
    kind: Literal["tile", "whole", "constant", "one"]

    @property
    def shape(self) -> str:
        """Its length as device code spells it."""
        return self.subscript if self.kind == "tile" else self.size

    @property
    def eager_shape(self) -> str:
        return f"length_of_{self.subscript}" if self.kind == "tile" else self.size

    @property
    def reduces(self) -> bool:
        return self.kind != "tile"


ONE = Axis("None", "1", "one")


@dataclass(frozen=True)
class Value:
    """A name in device code. `exact`: every way of computing it gives the same bits, so that comparisons may be made of it; `tolerance`
    is what results that depend on it may differ by, relative to their largest element."""

    name: str
    axes: tuple[Axis, ...]
    exact: bool
    tolerance: float

    @property
    def tiles(self) -> tuple[Axis, ...]:
        return tuple(axis for axis in self.axes if axis.kind == "tile")


@dataclass(frozen=True)
class Argument:
    """A tensor of a kernel: its sizes by name, its dtype as torch spells it, whether its elements are numbers or indices into something of
    size `below`, how it lies in memory, and the seed of its elements."""

    name: str
    sizes: tuple[str, ...]
    dtype: str
    elements: Literal["numbers", "indices"]
    below: str
    layout: str
    seed: int


@dataclass(frozen=True)
class Result:
    """A tensor to compare: one that the kernel makes and returns, or (no `start`) an argument that it updates."""

    name: str
    sizes: tuple[str, ...]
    dtype: str
    start: str
    exact: bool
    tolerance: float
