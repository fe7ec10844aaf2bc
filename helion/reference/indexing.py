"""Subscripts of the language on eager tensors: tiles as ranges, integer tensors as outer products, masked loads and stores."""

from __future__ import annotations

from typing import Any

import torch

from helion.reference.tiles import ReferenceTile


def _flat(index: Any) -> list[Any]:
    items: list[Any] = []
    for item in index if isinstance(index, tuple | list) else (index,):
        items.extend(item if isinstance(item, tuple | list) else (item,))
    return items


def mentions_tile(index: Any) -> bool:
    """Whether a subscript is one of the language's rather than torch's own."""
    return any(isinstance(item, ReferenceTile) or (isinstance(item, torch.Tensor) and item.dim() > 0) for item in _flat(index))


def _torch_index(tensor: torch.Tensor, index: Any) -> tuple[Any, ...]:
    """Torch's index: tiles become slices; with integer tensors, everything becomes one broadcast outer product."""
    items = _flat(index)
    taken = sum(item is not None and item is not Ellipsis for item in items)
    rest: list[Any] = [slice(None)] * (tensor.dim() - taken)
    if Ellipsis in items:
        at = items.index(Ellipsis)
        items[at : at + 1] = rest
    else:
        items.extend(rest)
    gathers = [i for i in items if isinstance(i, torch.Tensor) and i.dim() > 0]
    if not gathers:
        return tuple(slice(i.begin, i.end) if isinstance(i, ReferenceTile) else i for i in items)
    return _outer(tensor, items)


def _outer(tensor: torch.Tensor, items: list[Any]) -> tuple[Any, ...]:
    """Every element as an integer tensor with a dimension of its own in the result."""
    parts: list[torch.Tensor | None] = []
    position = 0
    for item in items:
        if item is None:
            parts.append(None)
            continue
        size = tensor.size(position)
        position += 1
        if isinstance(item, ReferenceTile):
            parts.append(item.index.long())
        elif isinstance(item, slice):
            parts.append(torch.arange(*item.indices(size), device=tensor.device))
        else:
            parts.append(torch.as_tensor(item, device=tensor.device).long())
    rank = sum(1 if p is None else p.dim() for p in parts)
    at = 0
    result: list[torch.Tensor] = []
    for part in parts:
        if part is None:
            at += 1
            continue
        result.append(part.reshape((1,) * at + tuple(part.shape) + (1,) * (rank - at - part.dim())))
        at += part.dim()
    return tuple(result)


def load(tensor: torch.Tensor, index: Any, extra_mask: torch.Tensor | None = None, eviction_policy: str | None = None) -> torch.Tensor:
    """`tensor[index]`, 0 where the mask is False; masked places are not read."""
    where = _torch_index(tensor, index)
    if extra_mask is None:
        return tensor[where]
    safe = tuple(w.clamp(0, max(size - 1, 0)) if isinstance(w, torch.Tensor) else w for w, size in zip(where, tensor.shape, strict=False))
    values = tensor[safe]
    return torch.where(extra_mask, values, torch.zeros((), dtype=values.dtype, device=values.device))


def store(tensor: torch.Tensor, index: Any, value: Any, extra_mask: torch.Tensor | None = None) -> None:
    """`tensor[index] = value` where the mask is True."""
    where = _torch_index(tensor, index)
    if extra_mask is None:
        tensor[where] = value.to(tensor.dtype) if isinstance(value, torch.Tensor) else value
        return
    current = load(tensor, index, extra_mask)
    mask, new = torch.broadcast_tensors(extra_mask, torch.as_tensor(value, dtype=tensor.dtype, device=tensor.device))
    mask, new = (t.expand(current.shape) for t in (mask, new))
    if all(isinstance(w, torch.Tensor) for w in where):
        full = torch.broadcast_tensors(*where)
        tensor[tuple(w[mask] for w in full)] = new[mask]
    else:
        tensor[where] = torch.where(mask, new, tensor[where])
