"""The arguments of a call and what ran for them in, a function out that runs it for all calls alike, found without a key.

A key costs 0.6 µs a tensor: five attributes, each an object, then a hash and a comparison. torch's own guards, which Dynamo is built on,
compare class, dtype, device, sizes and strides of a tensor in less than 0.1 µs, in C++.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from helion.runtime.captured_values import CapturedName
from helion.runtime.unwatched import WATCHES, WATCHES_READ, is_unwatched
from helion.settings import Settings
from helion.types.alignment import ALIGNMENT, has_aligned_rows, row_multiple
from helion.types.static_marks import MARK

_TORCH: Any = torch
_Dims = list[int | None]
# A guard that does not serve a call costs it about 0.2 µs.
_MOST_GUARDS = 4
_MAX_INT32 = (1 << 31) - 1
# Others may be anything, and torch's guards do not keep a class alive.
_PLAIN_CLASSES = (torch.Tensor, torch.nn.Parameter)
_BY_KIND = (bool, int, float, types.NoneType)
_BY_VALUE = (str, torch.device)
_BY_IDENTITY = (torch.dtype, enum.Enum, types.BuiltinFunctionType)


@dataclass(frozen=True, slots=True)
class Served:
    """A call with `args`, of which `baked` tells the constants of the code; `bound.run` ran it, as `settings` were, and
    `bound.run_unwatched` runs calls like it that nothing watches. Its code holds what is `captured`; `holds` tells of arguments what else
    decides on it, if anything does."""

    settings: Settings
    args: Sequence[Any]
    baked: Sequence[bool]
    bound: Any
    captured: Sequence[CapturedName]
    holds: Callable[[tuple[Any, ...]], bool] | None


def guarded(served: Served, otherwise: Callable[..., Any]) -> Callable[..., Any] | None:
    """A function of as many positional arguments, which hands all other calls to `otherwise`. None for arguments that only a key tells
    apart, and where torch has no such guards."""
    make_guards: Any = getattr(_TORCH._C._dynamo.guards, "TensorGuards", None)
    tensors = _tensors(served.args)
    conditions = _conditions(served, tensors)
    if make_guards is None or conditions is None:
        return None
    sizes, strides = (None, None) if served.settings.static_shapes else _compared_dims(tensors.values())
    guards = make_guards(*tensors.values(), dynamic_dims_sizes=sizes, dynamic_dims_strides=strides)
    if not guards.check(*tensors.values()):
        return None
    listed = ", ".join(f"a{position}" for position in range(len(served.args)))
    compared = f"_check({', '.join(f'a{position}' for position in tensors)})"
    last = [f"_holds(({listed},))"] if served.holds else []
    first = f"    if {' and '.join([*_of_nested(tensors), compared, *conditions])}:"
    usual = {} if served.settings.static_shapes else {n: tensor for n, tensor in tensors.items() if tensor.dim() and _is_usual(tensor)}
    then = [*_of_sizes(usual), *last]
    lines = [
        f"def call({listed}):",
        first,
        *(f"        {_sizes_read(position, tensor.dim())}" for position, tensor in usual.items()),
        *([f"        if {' and '.join(then)}:"] if then else []),
        f"        {'    ' if then else ''}return {_run(served, tensors)}({listed})",
        f"    return _otherwise({listed})",
    ]
    values = dict(enumerate(served.args))
    namespace: dict[str, Any] = {f"v{position}": value for position, value in values.items() if not isinstance(value, torch.Tensor)}
    namespace |= {f"c{position}": type(value) for position, value in values.items()}
    for number, captured in enumerate(served.captured):
        namespace |= {f"_names{number}": captured.names, f"_object{number}": captured.value}
        namespace[f"_code{number}"] = getattr(captured.value, "__code__", None)
    namespace |= {"_settings": served.settings, "_ref_mode": served.settings.ref_mode}
    namespace |= WATCHES_READ
    namespace |= {"_check": guards.check, "_holds": served.holds, "_bound": served.bound, "_otherwise": otherwise}
    exec("\n".join(lines), namespace)
    return namespace["call"]


def _run(served: Served, tensors: Mapping[int, torch.Tensor]) -> str:
    """Python text of what runs a call."""
    if served.bound.run_unwatched is served.bound.run or not is_unwatched(tensors.values(), served.bound.device):
        return "_bound.run"
    return f"(_bound.run if {WATCHES.format(tensor=f'a{next(iter(tensors))}')} else _bound.run_unwatched)"


def _tensors(args: Sequence[Any]) -> dict[int, torch.Tensor]:
    """By position, each once: torch's guards take no tensor twice."""
    found: dict[int, torch.Tensor] = {}
    for position, value in enumerate(args):
        if isinstance(value, torch.Tensor) and not any(value is tensor for tensor in found.values()):
            found[position] = value
    return found


def _conditions(served: Served, tensors: Mapping[int, torch.Tensor]) -> list[str] | None:
    """What must hold beside what torch's guards compare; None where there is more to it."""
    if not tensors or not all(map(_is_plain, tensors.values())):
        return None
    found: list[str] = []
    for position, value in enumerate(served.args):
        if position in tensors:
            continue
        condition = _of_repeated(position, value, tensors) or _of_value(position, value, served.baked[position])
        if condition is None:
            return None
        found.append(condition)
    if not served.settings.static_shapes:
        if any(hasattr(tensor, MARK) for tensor in tensors.values()):
            return None
        found += [condition for position, tensor in tensors.items() for condition in _of_dynamic(position, tensor)]
    # A setting that people change while they debug.
    return ["_settings.ref_mode is _ref_mode", *_of_alignment(tensors), *found, *_of_captured(served.captured)]


def _is_plain(tensor: torch.Tensor) -> bool:
    """Whether it has sizes, strides and an address, which those inside `torch.vmap` do not."""
    if type(tensor) not in _PLAIN_CLASSES or tensor.is_nested or tensor.layout is not torch.strided:
        return False
    try:
        tensor.data_ptr()
    except RuntimeError:
        return False
    return True


def _of_nested(tensors: Mapping[int, torch.Tensor]) -> Iterator[str]:
    """Torch's guards end the process when they ask a nested tensor for its strides."""
    yield from (f"a{position}.__class__ is c{position} and not a{position}.is_nested" for position in tensors)


def _of_repeated(position: int, value: Any, tensors: Mapping[int, torch.Tensor]) -> str | None:
    return next((f"a{position} is a{first}" for first, tensor in tensors.items() if tensor is value), None)


def _of_value(position: int, value: Any, is_baked: bool) -> str | None:
    if value is None:
        return f"a{position} is None"
    if type(value) in _BY_VALUE or (is_baked and type(value) in _BY_KIND):
        return f"a{position}.__class__ is c{position} and a{position} == v{position}"
    if type(value) in _BY_KIND:
        return f"a{position}.__class__ is c{position}"
    return f"a{position} is v{position}" if isinstance(value, _BY_IDENTITY) else None


def _of_captured(captured: Sequence[CapturedName]) -> Iterator[str]:
    for number, one in enumerate(captured):
        yield f"_names{number}.get({one.name!r}) is _object{number}"
        if isinstance(one.value, types.FunctionType):  # reloading may put new code into it
            yield f"_object{number}.__code__ is _code{number}"


def _of_alignment(tensors: Mapping[int, torch.Tensor]) -> Iterator[str]:
    aligned = [f"a{position}.data_ptr()" for position, tensor in tensors.items() if tensor.data_ptr() % ALIGNMENT == 0]
    if aligned:
        yield f"not ({' | '.join(aligned)}) & {ALIGNMENT - 1}"
    yield from (f"a{position}.data_ptr() & {ALIGNMENT - 1}" for position, tensor in tensors.items() if tensor.data_ptr() % ALIGNMENT)


def _is_usual(tensor: torch.Tensor) -> bool:
    """Whether all other tensors with rows of memory, none of them empty or single, have the same specialization."""
    return tensor.is_contiguous() and tensor.numel() <= _MAX_INT32 and all(size > 1 for size in tensor.shape)


def _of_dynamic(position: int, tensor: torch.Tensor) -> Iterator[str]:
    """Where sizes are arguments; one with unusual sizes or strides is compared with them whole."""
    yield f"not hasattr(a{position}, {MARK!r})"
    if tensor.dim() > 1 and _is_usual(tensor):
        yield f"a{position}.is_contiguous()"


def _sizes_read(position: int, rank: int) -> str:
    """Gives names to the sizes of a tensor: torch gives all of them in the time of one, and their product sooner."""
    if rank == 1:
        return f"s{position}_0 = a{position}.numel()"
    return f"{', '.join(f's{position}_{dim}' for dim in range(rank))} = a{position}.shape"


def _of_sizes(usual: Mapping[int, torch.Tensor]) -> Iterator[str]:
    """What usual tensors, of which names are given to sizes, have in common with all others of the same specialization."""
    most: list[str] = []
    aligned: dict[int, list[str]] = {}
    for position, tensor in usual.items():
        sizes = [f"s{position}_{dim}" for dim in range(tensor.dim())]
        yield from (f"{size} > 1" for size in sizes)
        most.append(" * ".join(sizes))
        if has_aligned_rows(tensor):
            aligned.setdefault(row_multiple(tensor.dtype), []).append(sizes[-1])
        else:
            yield f"{sizes[-1]} % {row_multiple(tensor.dtype)}"
    yield from (f"not ({' | '.join(sizes)}) % {multiple}" for multiple, sizes in aligned.items())
    if most:
        yield f"({' | '.join(most)}) <= {_MAX_INT32}"


def _compared_dims(tensors: Iterable[torch.Tensor]) -> tuple[list[_Dims], list[_Dims]]:
    """The sizes and strides that torch's guards compare, None for what they do not: of usual tensors none but the stride of a row."""
    sizes: list[_Dims] = []
    strides: list[_Dims] = []
    for tensor in tensors:
        is_usual = _is_usual(tensor)
        sizes.append([None] * tensor.dim() if is_usual else [*tensor.shape])
        strides.append([*[None] * (tensor.dim() - 1), *tensor.stride()[-1:]] if is_usual else [*tensor.stride()])
    return sizes, strides


class GuardedCalls:
    """`serve` takes a kernel's calls: a few guards, one after the other, then `by_key`, which tells of the calls that reach it."""

    def __init__(self, by_key: Callable[..., Any]) -> None:
        self._by_key = by_key
        self._missed = 0
        self.forget()

    def forget(self) -> None:
        self._guards = 0
        self.serve = self._by_key

    def is_due(self) -> bool:
        """Whether a call that no guard served should get one. Making one takes as long as a hundred look-ups, so of all calls that miss the
        first does, the second, the fourth, and so on: what is called most finds its way in, and what has no guard is not tried for ever."""
        self._missed += 1
        return self._missed & (self._missed - 1) == 0

    def learn(self, served: Served) -> None:
        """Serve calls like this one from now on, before all others; of too many guards none is kept, since the first ones may be stale."""
        if self._guards == _MOST_GUARDS:
            self.forget()
        guard = guarded(served, self.serve)
        if guard is not None:
            self._guards += 1
            self.serve = guard
