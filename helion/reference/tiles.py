"""Tiles as eager objects: a range of indices with the attributes of the language, and the loops that make them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import torch

from helion.ops.static_types import Tile
from helion.types.untyped import is_sequence


class ReferenceTile(Tile):
    """The indices `[begin, end)` of one tile of a loop that ends at `limit`. As a number it is its length, so that torch takes it where a
    size is expected."""

    _device: torch.device
    limit: int

    def __new__(cls, begin: int, end: int, block_size: int, count: int, limit: int, device: torch.device) -> Self:
        tile = super().__new__(cls, end - begin)
        tile.begin, tile.end, tile.block_size, tile.count = begin, end, block_size, count
        tile.id = begin // block_size
        tile._device, tile.limit = device, limit
        return tile

    @property
    def index(self) -> torch.Tensor:
        """The tile's indices, int32."""
        return torch.arange(self.begin, self.end, dtype=torch.int32, device=self._device)

    def __add__(self, offset: Any) -> Any:  # in the language, adding to a tile shifts its indices
        return self.index + offset

    def __repr__(self) -> str:
        return f"tile[{self.begin}:{self.end}]"


@dataclass
class ReferenceLoops:
    """The loops of one eager run: where their tiles' indices live, and what the loops that run are at, outermost first (none in host code).

    `one_by_one`: a tile of a tuned size has one lane instead of the whole range, since the rows of a jagged loop end each elsewhere.
    """

    device: torch.device
    one_by_one: bool = False
    running: list[Any] = field(default_factory=list[Any])

    def tile(self, begin_or_end: Any, end_or_none: Any = None, /, block_size: Any = None) -> Iterator[Any]:
        """What `hl.tile` iterates over: one tile for the whole range unless a block size is given; several dims give tuples."""
        begins, ends, sizes, is_list = _bounds(begin_or_end, end_or_none, block_size)
        tuned = 1 if self.one_by_one else None
        axes = [_tiles(self.device, b, e, tuned if s is None else s) for b, e, s in zip(begins, ends, sizes, strict=True)]
        return self._running(itertools.product(*axes) if is_list else iter(axes[0]))

    def jagged_tile(self, parent: torch.Tensor) -> Iterator[Any]:
        """What `hl.jagged_tile` iterates over: the lanes of the enclosing tiles must end together, which one lane always does."""
        end = parent.flatten()[0]
        if bool((parent != end).any()):
            raise NotImplementedError("reference mode runs a jagged loop inside tiles of a tuned size only")
        return self._running(iter(_tiles(self.device, 0, int(end), None)))

    def grid(self, begin_or_end: Any, end_or_none: Any = None, /, step: Any = None) -> Iterator[Any]:
        """What `hl.grid` iterates over: Python ranges, or their product."""
        begins, ends, steps, is_list = _bounds(begin_or_end, end_or_none, step)
        axes = [range(b, e, 1 if s is None else s) for b, e, s in zip(begins, ends, steps, strict=True)]
        return self._running(itertools.product(*axes) if is_list else iter(axes[0]))

    def partial_lengths(self) -> dict[int, int]:
        """How many lanes of a block size there are, by the block size, for tiles of running loops that are cut off at the end."""
        tiles = (tile for item in self.running for tile in (item if is_sequence(item) else (item,)) if isinstance(tile, ReferenceTile))
        return {tile.block_size: int(tile) for tile in tiles if int(tile) < tile.block_size}

    def _running(self, items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            self.running.append(item)
            try:
                yield item
            finally:
                self.running.pop()


def _bounds(begin_or_end: Any, end_or_none: Any, step: Any) -> tuple[list[int], list[int], list[int | None], bool]:
    """Begins, ends and steps, one a dimension, and whether the loop was given lists."""
    begin, end = (None, begin_or_end) if end_or_none is None else (begin_or_end, end_or_none)
    is_list = is_sequence(end)
    ends = list(end) if is_sequence(end) else [end]
    begins: list[Any] = [0] * len(ends) if begin is None else list(begin) if is_list else [begin]
    steps: list[Any] = [None] * len(ends) if step is None else list(step) if is_list else [step]
    return [int(b) for b in begins], [int(e) for e in ends], [None if s is None else int(s) for s in steps], is_list


def _tiles(device: torch.device, begin: int, end: int, block_size: int | None) -> list[ReferenceTile]:
    length = max(end - begin, 1) if block_size is None else block_size
    count = -(-(end - begin) // length)
    return [ReferenceTile(start, min(start + length, end), length, count, end, device) for start in range(begin, end, length)]
