"""Asks torch for the type of a call by running it on meta tensors of probe sizes; types in, a type or torch's refusal out.

No FakeTensor and no ShapeEnv: sizes are probe numbers (see `probes.py`), which costs a tenth of a millisecond a call instead of three.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import sympy
import torch

from helion.types.alignment import ALIGNMENT
from helion.types.contained import loose_numbers, tensors_in
from helion.types.dims import Dim, call_symbol, constant, size_symbol
from helion.types.integers_only import refuse_floats
from helion.types.one_element import OneElement
from helion.types.probes import (
    Probes,
    decoded,
    is_negative,
    is_quotient,
    loose_probes,
    probed,
    restrided_probes,
    two_probes,
    undivided_probes,
)
from helion.types.refusals import REFUSALS, Refusal, refusal_of
from helion.types.trial_runs import type_by_running
from helion.types.types import (
    Axis,
    Block,
    BlockSizeType,
    ConstantType,
    DictType,
    DtypeType,
    FunctionType,
    NumberType,
    OpaqueType,
    Region,
    SequenceType,
    SliceType,
    Star,
    StarSequenceType,
    TensorType,
    TileType,
    TunableType,
    Type,
    UnknownType,
)
from helion.types.untyped import is_sequence

_WANTS_DATA = re.compile("a meta tensor without")  # how `repeat_interleave` says it
_CARRIERS = (torch.float16, torch.float32)
_INTEGER_CARRIERS = (torch.int32, torch.int64)
_LEAST_TAKEN = 2  # One run tells no size from a constant.
_DUMMIES: Mapping[type, Any] = {float: 1.5, bool: True}


class _NotProbeable(Exception):
    """An argument has no value to run the call with."""


def ask_torch(function: Callable[..., Any], args: tuple[Type, ...], kwargs: Mapping[str, Type], region: Region) -> Type | Refusal:
    """The type of `function(*args, **kwargs)`; UnknownType when torch cannot be asked."""
    options = tuple(kwargs.items())
    tensors = list(tensors_in((*args, *kwargs.values())))
    if any(t.rank is None for t in tensors) or any(isinstance(a, StarSequenceType) for a in (*args, *kwargs.values())):
        return _with_unknown_rank(function, args, options, region)
    if any(t.dtype is None for t in tensors):
        return _with_unknown_dtype(function, args, options, region)
    layouts = tuple((t.stride, t.is_aligned) for t in tensors)
    try:
        return _ask(function, args, options, region, layouts)
    except TypeError:
        return UnknownType("an argument cannot be compared")


def _mapped(type_: Type, change: Callable[[TensorType], TensorType]) -> Type:
    if isinstance(type_, TensorType):
        return change(type_)
    if isinstance(type_, SequenceType):
        return replace(type_, items=tuple(_mapped(item, change) for item in type_.items))
    return type_


def _with_unknown_dtype(function: Any, args: tuple[Type, ...], kwargs: tuple[tuple[str, Type], ...], region: Region) -> Type | Refusal:
    """Ask with carrier dtypes: what all give is known. The dtypes at hand are carriers too, since bf16 with bf16 is not bf16 with f16."""
    refusals: list[Refusal] = []
    at_hand = (t.dtype for t in tensors_in((*args, *(v for _, v in kwargs))) if t.dtype is not None)
    for carriers in (tuple(dict.fromkeys((*_CARRIERS, *at_hand))), _INTEGER_CARRIERS):
        answers = [_with_carrier(function, args, kwargs, region, carrier) for carrier in carriers]
        common = answers[0]
        for answer in answers[1:]:
            common = common if isinstance(common, Refusal) or isinstance(answer, Refusal) else _common(common, answer)
        refused = [answer for answer in answers if isinstance(answer, Refusal)]
        if not refused:
            return common
        refusals.extend(refused if len(refused) == len(answers) else ())
    if len(refusals) > len(_INTEGER_CARRIERS) and all(refusal == refusals[0] for refusal in refusals):
        return refusals[0]  # in the same words for every dtype: it is not the dtype that torch minds
    return UnknownType("the dtype is not known")


def _with_carrier(
    function: Any, args: tuple[Type, ...], kwargs: tuple[tuple[str, Type], ...], region: Region, carrier: torch.dtype
) -> Type | Refusal:
    def carry(t: TensorType) -> TensorType:
        return t if t.dtype is not None else replace(t, dtype=carrier)

    return ask_torch(function, tuple(_mapped(a, carry) for a in args), {k: _mapped(v, carry) for k, v in kwargs}, region)


def _common(first: Type, second: Type) -> Type:
    if first == second:
        return first
    if isinstance(first, TensorType) and isinstance(second, TensorType) and first.shape == second.shape:
        return replace(first, dtype=None)
    if isinstance(first, SequenceType) and isinstance(second, SequenceType) and len(first.items) == len(second.items):
        return SequenceType(tuple(_common(a, b) for a, b in zip(first.items, second.items, strict=True)), first.kind, first.fields)
    if isinstance(first, DtypeType):
        return DtypeType(None)
    return UnknownType("the dtype is not known")


def _with_unknown_rank(function: Any, args: tuple[Type, ...], kwargs: tuple[tuple[str, Type], ...], region: Region) -> Type | Refusal:
    """Ask at rank 2 with two sizes of their own, and fold the pair back into `*x`."""
    pairs: dict[Star, tuple[Dim, Dim]] = {}

    def spread(t: TensorType) -> TensorType:
        shape: list[Dim | Star] = []
        for d in t.shape:
            if isinstance(d, Star):
                pair = pairs.setdefault(d, (size_symbol(f"{d.name}_a*"), size_symbol(f"{d.name}_b*")))
                shape.extend(pair)
            else:
                shape.append(d)
        return TensorType(tuple(shape), t.dtype, t.region)

    def spread_any(type_: Type) -> Type:
        if isinstance(type_, StarSequenceType):
            pair = pairs.setdefault(type_.star, (size_symbol(f"{type_.star.name}_a*"), size_symbol(f"{type_.star.name}_b*")))
            return SequenceType(tuple(NumberType(int, d) for d in pair))
        return _mapped(type_, spread)

    answer = ask_torch(function, tuple(spread_any(a) for a in args), {k: spread_any(v) for k, v in kwargs}, region)
    if isinstance(answer, Refusal | UnknownType):
        return UnknownType("the rank is not known")

    def fold(t: TensorType) -> TensorType:
        shape: list[Dim | Star] = list(t.shape)
        for star, (a, b) in pairs.items():
            for i in range(len(shape) - 1):
                if shape[i] == a and shape[i + 1] == b:
                    shape[i : i + 2] = [star]
                    break
        return TensorType(tuple(shape), t.dtype, t.region)

    folded = _mapped(answer, fold)
    symbols = {s for pair in pairs.values() for s in pair}
    if any(isinstance(d, Dim) and d.free_symbols & symbols for t in tensors_in((folded,)) for d in t.shape):
        return UnknownType("the rank is not known")
    return folded


@lru_cache(maxsize=16384)
def _ask(function: Any, args: tuple[Type, ...], kwargs: tuple[tuple[str, Type], ...], region: Region, layouts: Any) -> Type | Refusal:
    given = (*args, *(v for _, v in kwargs))
    # The first have the smallest probes: a number that is asked for beside tensors (`topk(x, k)`) is one that they have.
    dims = list(_dims(tuple(sorted(given, key=lambda type_: not isinstance(type_, NumberType)))))
    probes = two_probes(dims)
    from_aligned = all(is_aligned for _, is_aligned in layouts)
    loose = loose_numbers(given) if region is Region.HOST else None

    def others(probes: tuple[Probes, ...]) -> tuple[Probes, ...]:
        return () if loose is None else loose_probes(loose, probes)

    try:
        first, second, probes = probed(dims, lambda p: _run(function, args, kwargs, p))
    except _NotProbeable as problem:
        return UnknownType(str(problem))
    except (NotImplementedError, *REFUSALS) as problem:
        if region is Region.HOST and (isinstance(problem, NotImplementedError) or _WANTS_DATA.search(str(problem)) is not None):
            return type_by_running(function, args, dict(kwargs), _value)
        if region is Region.HOST and is_negative(problem):
            loose = tuple(symbol for symbol, _ in probes[0].numbers)
        taken = _taken(function, args, kwargs, others(probes))
        if len(taken) < _LEAST_TAKEN:
            return refusal_of(problem, _problem(function, args, kwargs, probes[1]), dims, probes)
        answer = _decoded(tuple(taken.values()), tuple(taken), region, from_aligned, {})
        is_known = not _loose_strides(given) and not _has_unknown_layout(given)
        return answer if is_known else _mapped(answer, lambda t: replace(t, stride=None))
    if not any(t.dims for t in tensors_in(given)):
        loose = None
    taken = _taken(function, args, kwargs, others(probes))
    results, known = (first, second, *taken.values()), (*probes, *taken)
    late: dict[tuple[int, ...], Dim] | None = None if loose is None else {}
    strides = _loose_strides(given)
    if region is Region.HOST and (strides or _has_unknown_layout(given)):
        more = _runs(function, args, kwargs, restrided_probes(strides, probes[0]))
        results, known = (*results, *more.values()), (*known, *more)
        if not more:  # torch itself asks for some order
            return _mapped(_decoded(results, known, region, from_aligned, late), lambda t: replace(t, stride=None))
    answer = _decoded(results, known, region, from_aligned, late)
    if not any(is_quotient(size, dims) for size in _dims((answer,))):
        return answer
    more = _runs(function, args, kwargs, undivided_probes(dims, probes))  # none where torch itself asks that it divides
    return _decoded((*results, *more.values()), (*known, *more), region, from_aligned, late) if more else answer


def _taken(function: Any, args: tuple[Type, ...], kwargs: tuple[tuple[str, Type], ...], others: tuple[Probes, ...]) -> dict[Probes, Any]:
    """What the call gives with those of the numbers that torch takes."""
    return {probes: result for one in others for probes, result in _runs(function, args, kwargs, (one,)).items()}


def _runs(function: Any, args: tuple[Type, ...], kwargs: tuple[tuple[str, Type], ...], others: tuple[Probes, ...]) -> dict[Probes, Any]:
    """What the call gives with other numbers; nothing where torch refuses one of them."""
    try:
        return {probes: _run(function, args, kwargs, probes) for probes in others}
    except (_NotProbeable, NotImplementedError, *REFUSALS):
        return {}


def _loose_strides(types: tuple[Type, ...]) -> tuple[sympy.Symbol, ...]:
    """The symbols that are strides and nothing else: of tensors that are not contiguous."""
    tensors = list(tensors_in(types))
    sizes = {symbol for t in tensors for size in t.dims for symbol in size.free_symbols}
    strides = [stride for t in tensors for stride in t.stride or ()]
    return tuple(dict.fromkeys(s for s in strides if isinstance(s, sympy.Symbol) and s not in sizes))


def _has_unknown_layout(types: tuple[Type, ...]) -> bool:
    return any(t.stride is None and t.rank for t in tensors_in(types))


def _problem(function: Any, args: tuple[Type, ...], kwargs: tuple[tuple[str, Type], ...], probes: Probes) -> Exception | None:
    try:
        _run(function, args, kwargs, probes)
    except (NotImplementedError, *REFUSALS) as problem:
        return problem
    return None


def _dims(types: tuple[Type, ...]) -> Iterator[Dim]:
    for type_ in types:
        match type_:
            case TensorType():
                yield from type_.dims
                yield from type_.stride or ()
            case NumberType():
                if (size := type_.as_dim) is not None:
                    yield size
            case BlockSizeType(block) | TileType(Axis(block=Block() as block)):
                yield block.symbol
            case SequenceType(items=items):
                yield from _dims(items)
            case SliceType(lower, upper, step):
                yield from _dims((lower, upper, step))
            case _:
                pass


def _run(function: Any, args: tuple[Type, ...], kwargs: tuple[tuple[str, Type], ...], probes: Probes) -> Any:
    values = [_value(a, probes) for a in args]
    options = {name: _value(v, probes) for name, v in kwargs}
    refuse_floats(function, (*values, *options.values()))
    with torch.device("meta"), OneElement(), contextlib.redirect_stderr(io.StringIO()):
        return function(*values, **options)


def _value(type_: Type, probes: Probes) -> Any:
    match type_:
        case TensorType(dtype=dtype):
            sizes = [probes.number(d) for d in type_.dims]
            if type_.stride is None:
                empty = torch.empty(sizes, dtype=dtype, device="meta")
                return empty if not probes.is_reversed else empty.new_empty(sizes[::-1]).permute(*reversed(range(len(sizes))))
            return torch.empty_strided(sizes, [probes.number(s) for s in type_.stride], dtype=dtype, device="meta")
        case NumberType(value=value) if value is not None:
            return value if (size := type_.as_dim) is None else probes.number(size)
        case NumberType(kind=kind):
            return probes.unknown if kind is int else _DUMMIES[kind]
        case BlockSizeType(block) | TileType(Axis(block=Block() as block)):
            return probes.number(block.symbol)
        case TunableType(tunable):
            return tunable.fragment.default()
        case ConstantType(value=value):
            return torch.device("meta") if isinstance(value, torch.device) else value
        case OpaqueType(cls=cls) if cls is torch.device:
            return torch.device("meta")
        case DtypeType(dtype=dtype) if dtype is not None:
            return dtype
        case SequenceType(items=items, kind=kind):
            values = [_value(item, probes) for item in items]
            return values if kind is list else tuple(values)
        case SliceType(lower, upper, step):
            return slice(*(_value(part, probes) for part in (lower, upper, step)))
        case FunctionType(function=function):
            return function
        case DictType(items=pairs):
            return {key: _value(value, probes) for key, value in pairs}
        case _:
            raise _NotProbeable(f"{type_} has no value before run time")


def _decoded(
    results: tuple[Any, ...],
    probes: tuple[Probes, ...],
    region: Region,
    from_aligned: bool,
    late: dict[tuple[int, ...], Dim] | None = None,
) -> Type:
    """The type of what every one of the probes gave; sizes that none of the call's tells are `late` ones, if there may be such."""
    first, *others = results
    match first:
        case torch.Tensor() if any(r.ndim != first.ndim for r in others):
            return UnknownType("how many dimensions there are depends on a number")
        case torch.Tensor():
            shape = _sizes([r.shape for r in results], probes, late)
            if shape is None:
                return UnknownType("a size cannot be named")
            stride = None if region is Region.DEVICE else _sizes([r.stride() for r in results], probes)
            return TensorType(shape, first.dtype, region, stride, from_aligned and _is_aligned(results, probes))
        case bool():
            return NumberType(bool, first if all(first == r for r in others) else None)
        case int():
            return NumberType(int, decoded(probes, *results))
        case float():
            return NumberType(float, first if all(first == r for r in others) else None)
        case torch.dtype():
            return DtypeType(first)
        case torch.device():
            return OpaqueType(torch.device)
        case None | str():
            return ConstantType(first)
        case _ if not is_sequence(first):
            return UnknownType(f"a {type(first).__name__}")
        case _ if any(len(first) != len(r) for r in others):
            return UnknownType("how many there are depends on the sizes")
        case _:
            items = tuple(_decoded(parts, probes, region, from_aligned, late) for parts in zip(*results, strict=True))
            fields = _fields_of(first)
            return (
                SequenceType(items, first.__class__, fields) if fields else SequenceType(items, list if isinstance(first, list) else tuple)
            )


def _fields_of(result: Any) -> tuple[str, ...]:
    """The names of what a torch function gives several of: `values` and `indices` of `torch.max`."""
    kind: Any = result.__class__
    return tuple(kind.__match_args__) if kind.__module__ == "torch.return_types" else ()


def _is_aligned(results: Iterable[torch.Tensor], probes: tuple[Probes, ...]) -> bool:
    """Whether a tensor, perhaps a view, begins a known multiple of 16 bytes after what it is a view of."""
    views = list(results)
    offset = constant(decoded(probes, *(int(view.storage_offset()) for view in views)))
    return offset is not None and offset * views[0].itemsize % ALIGNMENT == 0


def _sizes(
    sizes: Iterable[Iterable[int]], probes: tuple[Probes, ...], late: dict[tuple[int, ...], Dim] | None = None
) -> tuple[Dim, ...] | None:
    every = list(zip(*sizes, strict=True))
    found = [decoded(probes, *numbers) for numbers in every]
    if late is not None:
        found = [late.setdefault(n, call_symbol(len(late))) if size is None else size for n, size in zip(every, found, strict=True)]
    known = tuple(size for size in found if size is not None)
    return known if len(known) == len(found) else None
