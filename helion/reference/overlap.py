"""Operands of one call in, the same cut to the lanes that a cut-off tile has out: `hl.arange(tile.block_size)`, or a slice of a block's
length, meets what is as long as the tile, and the lanes beyond the tile hold nothing that is ever seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from helion.reference.indexing import selected_shape


def of_operands(
    args: Sequence[Any], options: Mapping[str, Any], partial_lengths: Mapping[int, int]
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """Operands that torch would not broadcast, cut where that is why; None where it is not. Only sizes that stand at the same place, one
    the block's and one the tile's, are taken to be the same dim."""
    tensors = [value for value in (*args, *options.values()) if isinstance(value, torch.Tensor)]
    rank = max((tensor.dim() for tensor in tensors), default=0)
    wanted: list[int | None] = []
    for place in range(1, rank + 1):
        sizes = {tensor.size(-place) for tensor in tensors if tensor.dim() >= place} - {1}
        wanted.append(_cut(sizes, partial_lengths))
    if not any(wanted):
        return None
    return tuple(_fitted(value, wanted) for value in args), {name: _fitted(value, wanted) for name, value in options.items()}


def _cut(sizes: set[int], partial_lengths: Mapping[int, int]) -> int | None:
    """The tile's length when some operands have that and the others the block's."""
    return next((present for whole, present in partial_lengths.items() if sizes == {whole, present}), None)


def _fitted(value: Any, wanted: Sequence[int | None]) -> Any:
    if not isinstance(value, torch.Tensor):
        return value
    for place, present in enumerate(wanted[: value.dim()], 1):
        if present is not None and value.size(-place) > present:
            value = value.narrow(-place, 0, present)
    return value


def of_store(tensor: torch.Tensor, index: Any, value: Any, partial_lengths: Mapping[int, int]) -> Any:
    """A value to store, without its lanes beyond the tile that it is stored to."""
    if not partial_lengths or not isinstance(value, torch.Tensor) or not value.dim():
        return value
    shape = selected_shape(tensor, index)
    places = range(1, min(len(shape), value.dim()) + 1)
    return _fitted(value, [_cut({shape[-place], value.size(-place)}, partial_lengths) for place in places])
