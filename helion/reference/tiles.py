"""Tiles as eager objects: a range of indices with the attributes of the language, and the loops that make them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import torch


class ReferenceTile:
    """The indices `[begin, end)` of one tile; as a size it is its length."""

    def __init__(self, begin: int, end: int, block_size: int, first: int, count: int, device: torch.device) -> None:
        self.begin = begin
        self.end = end
        self.block_size = block_size
        self.count = count
        self.id = begin // block_size if block_size else 0
        self._device = device
        self._first = first

    @property
    def index(self) -> torch.Tensor:
        """The tile's indices, int32."""
        return torch.arange(self.begin, self.end, dtype=torch.int32, device=self._device)

    def __index__(self) -> int:
        return self.end - self.begin

    def __int__(self) -> int:
        return self.end - self.begin

    def __add__(self, offset: Any) -> torch.Tensor:
        return self.index + offset

    def __repr__(self) -> str:
        return f"tile[{self.begin}:{self.end}]"


def tiles(device: torch.device, begin_or_end: Any, end_or_none: Any = None, /, block_size: Any = None) -> Iterator[Any]:
    """What `hl.tile` iterates over: one tile for the whole range unless a block size is given; several dims give tuples."""
    begin, end = (None, begin_or_end) if end_or_none is None else (begin_or_end, end_or_none)
    if not isinstance(end, Sequence):
        yield from _one(device, 0 if begin is None else int(begin), int(end), block_size)
        return
    begins = [0] * len(end) if begin is None else [int(b) for b in begin]
    sizes = [None] * len(end) if block_size is None else list(block_size)
    axes = [list(_one(device, b, int(e), s)) for b, e, s in zip(begins, end, sizes, strict=True)]
    yield from itertools.product(*axes)


def _one(device: torch.device, begin: int, end: int, block_size: Any) -> Iterator[ReferenceTile]:
    length = int(block_size) if block_size is not None else max(end - begin, 1)
    count = -(-(end - begin) // length)
    for start in range(begin, end, length):
        yield ReferenceTile(start, min(start + length, end), length, begin, count, device)


def grid(begin_or_end: Any, end_or_none: Any = None, /, step: Any = None) -> Iterator[Any]:
    """What `hl.grid` iterates over: Python ranges, or their product."""
    begin, end = (None, begin_or_end) if end_or_none is None else (begin_or_end, end_or_none)
    if not isinstance(end, Sequence):
        yield from range(0 if begin is None else int(begin), int(end), 1 if step is None else int(step))
        return
    begins = [0] * len(end) if begin is None else [int(b) for b in begin]
    steps = [1] * len(end) if step is None else [int(s) for s in step]
    yield from itertools.product(*(range(b, int(e), s) for b, e, s in zip(begins, end, steps, strict=True)))
