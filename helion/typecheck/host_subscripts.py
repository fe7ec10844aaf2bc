"""Subscripts of the host whose sizes are not plain: masks, and slices, which Python cuts off where a tensor ends.

`x[mask]` takes a mask of the sizes that it stands for. `x[:n]` has n rows, or all where x has fewer: torch is asked with numbers that stand
for sizes, and would say the one or the other by chance. Such a slice is as long as only running tells; where the bound is a constant and
the tensor's size a name (`x[:, :64]`) it is that long, and a call in which the tensor is shorter is refused.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import sympy
import torch

from helion.typecheck.checker import Checker
from helion.types.dims import Assumption, Dim, constant, dim, substitute
from helion.types.types import ConstantType, NumberType, SequenceType, SliceType, TensorType, Type

_NONE = ConstantType(None)
_SAMPLES = (1, 2, 3, 5, 7, 8, 13, 16, 33, 64, 100, 1024, 1 << 20, 1 << 40)
_DRAWS = 48


def plain_subscript(checker: Checker, tensor: TensorType, elements: Sequence[Type]) -> tuple[TensorType, tuple[Type, ...]]:
    """What to ask torch of `tensor[elements]` instead: dims that a slice makes as long as only running tells are so, and not sliced."""
    shape, index, is_aligned = list(tensor.shape), list(elements), tensor.is_aligned
    for element, position in _dims_of(tensor, elements):
        part, size = index[element], shape[position]
        if isinstance(part, TensorType) and part.dtype == torch.bool and part.rank is not None:
            checker.facts.require_all_equal(zip(part.dims, tensor.dims[position : position + part.rank], strict=False))
        if not isinstance(part, SliceType) or not isinstance(size, Dim):
            continue
        if _is_plain(checker, part, checker.resolve(size)):
            continue
        shape[position], index[element] = checker.late_size(), SliceType(_NONE, _NONE, part.step)
        is_aligned = is_aligned and part.lower in (_NONE, NumberType(int, dim(0)))
    return replace(tensor, shape=tuple(shape), is_aligned=is_aligned), tuple(index)


def _dims_of(tensor: TensorType, elements: Sequence[Type]) -> Iterator[tuple[int, int]]:
    """Which dim each element of a subscript is of, for those that are of one; nothing where the rank is not known."""
    used = [_dims_used(element) for element in elements]
    if tensor.rank is None or None in used:
        return
    position = 0
    for place, (element, count) in enumerate(zip(elements, used, strict=True)):
        if element == ConstantType(Ellipsis):
            position = tensor.rank - sum(n or 0 for n in used[place:])
        elif position < tensor.rank:
            yield place, position
        position += count or 0


def _dims_used(element: Type) -> int | None:
    """How many dims of the tensor an element takes up; None when that is not known."""
    match element:
        case ConstantType(value=None) | ConstantType(value=_) if element in (_NONE, ConstantType(Ellipsis)):
            return 0
        case SliceType() | NumberType() | SequenceType():
            return 1
        case TensorType(dtype=torch.bool):
            return element.rank
        case TensorType():
            return 1
        case _:
            return None


def _is_plain(checker: Checker, part: SliceType, size: Dim) -> bool:
    """Whether torch, asked with other numbers, gives a slice's length in names; the one assumption is that a constant is no longer than
    the tensor."""
    low, high = _bound(checker, part.lower, dim(0)), _bound(checker, part.upper, size)
    if low is None or high is None:
        return False
    if not low.free_symbols and not high.free_symbols:
        if size.free_symbols and (end := constant(high)) is not None and end > 0 and part.upper != _NONE:
            checker.facts.assumptions.append(Assumption(high, sympy.Min(high, size)))
        return True
    if constant(low) is not None and part.upper == _NONE:
        return True
    return _never_cut(low, high, size)


def _bound(checker: Checker, part: Type, default: Dim) -> Dim | None:
    if part == _NONE:
        return default
    value = part.as_dim if isinstance(part, NumberType) else None
    return None if value is None else checker.resolve(value)


def _never_cut(low: Dim, high: Dim, size: Dim) -> bool:
    """Whether `0 <= low <= high <= size`, which is tried with numbers: sizes are sums and quotients of few symbols."""
    symbols = sorted(low.free_symbols | high.free_symbols | size.free_symbols, key=str)
    draw = random.Random(0)
    numbers = [dict.fromkeys(symbols, dim(n)) for n in _SAMPLES] + [{s: dim(draw.choice(_SAMPLES)) for s in symbols} for _ in range(_DRAWS)]
    values = ([int(substitute(part, n)) for part in (low, high, size)] for n in numbers)
    return all(0 <= start <= end <= length for start, end, length in values)
