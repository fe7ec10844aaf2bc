"""Subscripts of the language on eager tensors: tiles as ranges, integer tensors as outer products, masked loads and stores."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import torch

from helion import exc
from helion.reference.tiles import ReferenceTile
from helion.types.untyped import is_sequence


def _flat(index: Any) -> list[Any]:
    items: list[Any] = []
    for item in index if is_sequence(index) else (index,):
        items.extend(item if is_sequence(item) else (item,))
    return items


def is_of_the_language(index: Any) -> bool:
    """Whether a subscript means something else than torch's own: it has a tile, or an integer tensor."""
    return any(isinstance(item, ReferenceTile) or _is_gather(item) for item in _flat(index))


def _is_gather(item: Any) -> bool:
    return isinstance(item, torch.Tensor) and item.dim() > 0


def _torch_index(tensor: torch.Tensor, index: Any) -> tuple[Any, ...]:
    """Torch's index: tiles become slices; with integer tensors, every element becomes one of those."""
    items = _flat(index)
    given = sum(item is not None and item is not Ellipsis for item in items)
    rest: list[Any] = [slice(None)] * (tensor.dim() - given)
    if Ellipsis in [item for item in items if not isinstance(item, torch.Tensor)]:
        at = next(i for i, item in enumerate(items) if item is Ellipsis)
        items[at : at + 1] = rest
    else:
        items.extend(rest)
    if any(_is_gather(item) for item in items):
        return _broadcast_indices(tensor, items)
    return tuple(slice(item.begin, item.end) if isinstance(item, ReferenceTile) else item for item in items)


def _broadcast_indices(tensor: torch.Tensor, items: list[Any]) -> tuple[torch.Tensor, ...]:
    """Integer tensors that select together what the elements select: each has result dimensions of its own (so that two vectors are an
    outer product), but neighbours of which one has rank 2 or more share theirs, as in numpy."""
    groups = list(_groups(tensor, items))
    rank = sum(group_rank for _, group_rank in groups)
    result: list[torch.Tensor] = []
    before = 0
    for tensors, group_rank in groups:
        after = rank - before - group_rank
        result.extend(t.reshape((1,) * before + (1,) * (group_rank - t.dim()) + tuple(t.shape) + (1,) * after) for t in tensors)
        before += group_rank
    return tuple(result)


def _groups(tensor: torch.Tensor, items: list[Any]) -> Iterator[tuple[list[torch.Tensor], int]]:
    """Neighbouring index tensors that share result dimensions, and how many those are; a None is a dimension without a tensor."""
    position = 0
    for are_gathers, neighbours in itertools.groupby(items, _is_gather):
        group = list(neighbours)
        if are_gathers:
            position += len(group)
            yield from _gathers([item.long() for item in group])
            continue
        for item in group:
            if item is None:
                yield [], 1
            else:
                yield _selected(item, tensor.size(position), tensor.device)
                position += 1


def _gathers(tensors: list[torch.Tensor]) -> Iterator[tuple[list[torch.Tensor], int]]:
    rank = max(t.dim() for t in tensors)
    if rank > 1:
        yield tensors, rank
    else:
        yield from (([t], 1) for t in tensors)


def _selected(item: Any, size: int, device: torch.device) -> tuple[list[torch.Tensor], int]:
    if isinstance(item, ReferenceTile):
        return [item.index.long()], 1
    if isinstance(item, slice):
        return [torch.arange(*item.indices(size), device=device)], 1
    return [torch.as_tensor(item, device=device).long()], 0


def load(tensor: torch.Tensor, index: Any, extra_mask: torch.Tensor | None = None, eviction_policy: str | None = None) -> torch.Tensor:
    """A copy of `tensor[index]`, 0 where the mask is False; masked places are not read."""
    where = _torch_index(tensor, index)
    if extra_mask is None:
        return tensor[where].clone()
    if tensor.numel() == 0:  # nowhere to move a place to: all are masked
        shape = torch.empty((), dtype=tensor.dtype, device=tensor.device).expand([max(size, 1) for size in tensor.shape])
        return torch.zeros_like(shape[_inside(where, shape)])
    values = tensor[_inside(where, tensor)]
    return torch.where(extra_mask, values, torch.zeros((), dtype=values.dtype, device=values.device))


def _inside(where: tuple[Any, ...], tensor: torch.Tensor) -> tuple[Any, ...]:
    """The index with what masks leave out moved to a place that exists."""
    sizes = iter(tensor.shape)
    return tuple(w if w is None else _clamped(w, next(sizes)) for w in where)


def _clamped(item: Any, size: int) -> Any:
    return item.clamp(0, max(size - 1, 0)) if isinstance(item, torch.Tensor) else item


def selected_shape(tensor: torch.Tensor, index: Any) -> torch.Size:
    """The shape of `tensor[index]`, without reading it."""
    return torch.empty((), device="meta").expand(tensor.shape)[_on_meta(_torch_index(tensor, index))].shape


def _on_meta(where: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(item.to("meta") if isinstance(item, torch.Tensor) else item for item in where)


def store(tensor: torch.Tensor, index: Any, value: Any, extra_mask: torch.Tensor | None = None) -> None:
    """`tensor[index] = value` where the mask is True. Raises DuplicateStoreIndicesError where it would depend on the order of writing."""
    where = _torch_index(tensor, index)
    new = torch.as_tensor(value, device=tensor.device).to(tensor.dtype)
    if extra_mask is None:
        _refuse_duplicates(tensor, where, new)
        tensor[where] = new
        return
    if tensor.numel() == 0:  # all places are masked
        return
    shape = tensor[_inside(where, tensor)].shape
    mask, new = extra_mask.expand(shape), new.expand(shape)
    if all(isinstance(w, torch.Tensor) for w in where):
        chosen = tuple(w.expand(shape)[mask] for w in where)
        _refuse_duplicates(tensor, chosen, new[mask])
        tensor[chosen] = new[mask]
    else:
        tensor[where] = torch.where(mask, new, tensor[where])


def _refuse_duplicates(tensor: torch.Tensor, where: tuple[Any, ...], new: torch.Tensor) -> None:
    """Several values for one place: on a GPU any of them may be the one that stays."""
    if not where or not all(isinstance(w, torch.Tensor) for w in where) or not tensor.numel():
        return
    places = torch.zeros((), dtype=torch.int64, device=tensor.device)
    for part, size in zip(where, tensor.shape, strict=False):
        places = places * size + part % size
    values, places = new.expand(places.shape).reshape(-1), places.reshape(-1)
    distinct, group = _groups_of(places)
    if distinct.numel() == places.numel():
        return
    kept = values.new_empty(distinct.shape).index_put_((group,), values)[group]
    differs = (kept != values) & ~(kept.isnan() & values.isnan())
    if bool(differs.any()):
        at = int(places[differs][0])
        sizes = tensor.shape[: len(where)]
        place = ", ".join(str(at // math.prod(sizes[position + 1 :]) % size) for position, size in enumerate(sizes))
        raise exc.DuplicateStoreIndicesError(f"a store writes several values to one place, [{place}]: which of them stays is not defined")


def _groups_of(places: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The distinct places, and which of them each is."""
    untyped: Any = torch
    return untyped.unique(places, return_inverse=True)
