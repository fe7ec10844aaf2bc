"""A call whose result is as long as its elements say (`nonzero`, `x[mask]`) in, its type out, found by running it on a few elements.

Torch cannot say more of it without data. Every size is a small number here, whatever it is in the kernel, and the elements are zeros, ones
and both in turns: what is a size of the call under two assignments, whatever the elements, is that size. Any other is a size of its own.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from helion.types.dims import CallSymbol, Dim, call_symbol, constant, dim, size_symbol
from helion.types.probes import Probes
from helion.types.refusals import REFUSALS, Refusal
from helion.types.types import NumberType, Region, SequenceType, SliceType, TensorType, Type, UnknownType
from helion.types.untyped import is_sequence

_SIZES = (3, 5, 4, 7, 6, 9, 8, 11), (5, 3, 7, 4, 9, 6, 11, 8)
Fill = Callable[[torch.Tensor], torch.Tensor]
_FILLS: tuple[Fill, ...] = (
    torch.zeros_like,
    torch.ones_like,
    lambda like: (torch.arange(like.numel()) % 2).reshape(like.shape).to(like.dtype),
)
_UNTOLD = UnknownType("only running it tells")


def type_by_running(
    function: Callable[..., Any], args: tuple[Type, ...], kwargs: Mapping[str, Type], value: Callable[[Type, Probes], Any]
) -> Type | Refusal:
    """The type of what the host's call gives, its own sizes as `CallSymbol`s; a refusal where other sizes of the same names may be taken.
    `value` makes of a type and the numbers of its sizes an argument, whose tensors are without data."""
    sizes = _SmallSizes({})
    args, options = tuple(sizes.of(a) for a in args), {name: sizes.of(v) for name, v in kwargs.items()}
    if len(sizes.symbols) > len(_SIZES[0]):
        return _UNTOLD
    assigned = [Probes(tuple(zip(sizes.symbols.values(), numbers, strict=False))) for numbers in _SIZES]

    def run(probes: Probes, fill: Fill) -> Any:
        given = [_filled(value(a, probes), fill) for a in args]
        return _run(function, given, {name: _filled(value(v, probes), fill) for name, v in options.items()})

    try:
        results = [run(probes, fill) for probes in assigned for fill in _FILLS]
    except NotImplementedError:
        return _UNTOLD
    except REFUSALS as problem:
        return Refusal(str(problem), certain=False)
    return _Decoder(sizes, {}).type_of(results)


def _run(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    drawn = torch.get_rng_state()
    try:
        with torch.device("cpu"), contextlib.redirect_stderr(io.StringIO()):
            return function(*args, **kwargs)
    finally:
        torch.set_rng_state(drawn)


def _filled(value: Any, fill: Fill) -> Any:
    """An argument with elements."""
    if isinstance(value, torch.Tensor):
        return fill(torch.empty(value.shape, dtype=value.dtype))
    if isinstance(value, torch.device):
        return torch.device("cpu")
    if is_sequence(value) and not isinstance(value, torch.Size):
        parts = [_filled(part, fill) for part in value]
        return parts if isinstance(value, list) else tuple(parts)
    return value


@dataclass(frozen=True)
class _SmallSizes:
    """A symbol for each size of a call, one that is known as well: a row of 4096 is as good as one of 3."""

    symbols: dict[Dim, Any]

    def of(self, type_: Type) -> Type:
        """The type with these symbols for its sizes."""
        match type_:
            case TensorType(shape=shape):
                return replace(type_, shape=tuple(self._symbol(d) if isinstance(d, Dim) else d for d in shape), stride=None)
            case NumberType(value=Dim() as size) if size in self.symbols or constant(size) is None:
                return replace(type_, value=self._symbol(size))
            case SequenceType(items=items):
                return replace(type_, items=tuple(self.of(item) for item in items))
            case SliceType(lower, upper, step):
                return SliceType(self.of(lower), self.of(upper), self.of(step))
            case _:
                return type_

    def _symbol(self, size: Dim) -> Dim:
        known = constant(size)
        if known is not None and known < min(_SIZES[0]):
            return size  # 1 broadcasts, 2 is a pair
        return self.symbols.setdefault(size, size_symbol(f"small.{len(self.symbols)}"))


@dataclass(frozen=True)
class _Decoder:
    """What all runs gave, one assignment after the other; sizes that are the same in all of them are one size."""

    sizes: _SmallSizes
    late: dict[tuple[int, ...], CallSymbol]

    def type_of(self, results: Sequence[Any]) -> Type:
        first = results[0]
        if isinstance(first, torch.Tensor):
            shapes = list(zip(*(r.shape for r in results), strict=False))
            is_one_type = all(r.dtype == first.dtype and r.ndim == first.ndim for r in results)
            return TensorType(tuple(map(self._size, shapes)), first.dtype, Region.HOST, None) if is_one_type else _UNTOLD
        if is_sequence(first) and len({len(r) for r in results}) == 1:
            return SequenceType(tuple(self.type_of(parts) for parts in zip(*results, strict=True)))
        return _UNTOLD

    def _size(self, numbers: tuple[int, ...]) -> Dim:
        known = next(self._sizes_of_the_call(numbers), None)
        return known if known is not None else self.late.setdefault(numbers, call_symbol(len(self.late)))

    def _sizes_of_the_call(self, numbers: tuple[int, ...]) -> Iterator[Dim]:
        """What fits all runs: a size of the call, or a constant."""
        for place, size in enumerate(self.sizes.symbols):
            if numbers == tuple(assigned[place] for assigned in _SIZES for _ in _FILLS):
                yield size
        if len(set(numbers)) == 1:
            yield dim(numbers[0])
