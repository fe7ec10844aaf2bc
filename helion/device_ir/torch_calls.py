"""A torch call on device values in, the ATen calls it comes down to out, by running it on meta tensors and recording; knows no codegen.

Sizes are probe numbers. The call is recorded twice with different probes: whatever differs between the recordings is a size, and is
decoded; a constant that depends on a size in a way that cannot be decoded is reported, never baked in. Numbers that only the device
has are 0-d tensors; where torch takes none (`clamp(v, low)`, `add(alpha=...)`), they are probe numbers as sizes are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

from helion.device_ir.late_inductor import LATE_INDUCTOR, InductorAdapter
from helion.device_ir.number_probes import SizeAsFloat, made_of, stand_ins
from helion.ops.table import OPS
from helion.types.dims import BlockSymbol, Dim, dim
from helion.types.one_element import meta_result
from helion.types.probes import Probes, decoded, is_quotient, probed, undivided_probes
from helion.types.untyped import is_sequence

_NO_NUMBERS: Mapping[int, Any] = MappingProxyType({})


class NotLowerable(Exception):
    """A torch call that has no device code; the text says which ATen call or size is in the way."""


@dataclass(frozen=True)
class TensorInput:
    """A tensor argument of the call, or a number of the device."""

    position: int
    dims: tuple[Dim, ...]
    dtype: torch.dtype
    is_number: bool = False


@dataclass(frozen=True)
class Ref:
    """A tensor in a recording: an input of the call (`step` -1) or output `output` of a step."""

    step: int
    output: int


@dataclass(frozen=True)
class Output:
    dims: tuple[Dim, ...]
    dtype: torch.dtype


@dataclass(frozen=True)
class AtenCall:
    """One recorded call; tensors in `args` and `kwargs` are Refs, sizes are Dims or SizeAsFloats, numbers of the device Refs (as
    tensors) or NumberRefs."""

    target: Any
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    outputs: tuple[Output, ...]
    is_tuple: bool


@dataclass(frozen=True)
class Recording:
    calls: tuple[AtenCall, ...]
    result: Any


@dataclass
class _Recorder(TorchDispatchMode):
    """Records ATen calls, decomposing what is neither an op of ours nor lowered by Inductor."""

    inductor: InductorAdapter
    refs: dict[int, Ref] = field(default_factory=dict[int, Ref])
    kept: list[Any] = field(default_factory=list[Any])
    calls: list[tuple[Any, Any, Any, Any]] = field(default_factory=list[tuple[Any, Any, Any, Any]])
    wholes: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])

    def __post_init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]  # torch leaves its parameter untyped

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing here is to be hidden from Dynamo, which torch would import for that."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if "device" in kwargs:
            kwargs["device"] = torch.device("meta")
        functional = _out_of_place(func)
        if functional is not None:
            return self._updated(func, functional, args, kwargs)
        op = OPS.find(func)
        if op is not None and op.rewrite is not None:
            self.wholes.extend((op.name, size) for size in (op.whole(*args, **kwargs) if op.whole is not None else ()))
            with self:
                return op.rewrite(*args, **kwargs)
        if op is None or op.emit is None:
            way = self.inductor.way_of(func)
            if way.decomposition is not None:
                with self:
                    result = way.decomposition(*args, **kwargs)
                if result is not NotImplemented:
                    return result
            if not way.has_lowering:
                if func._can_decompose():
                    with self:
                        return func.decompose(*args, **kwargs)
                raise NotLowerable(str(func))
        result = meta_result(func, args, kwargs)
        self._record(func, args, kwargs, result)
        return result

    def _updated(self, func: Any, functional: Any, args: Any, kwargs: Any) -> Any:
        """An update in place of a temporary of the call: from here on the tensor stands for the new value."""
        if self.ref_of(args[0]).step < 0:
            raise NotLowerable(f"{func} updates its argument in place, and names hold values on the device")
        with self:
            result = functional(*args, **kwargs, **_left_out(func, functional, args, kwargs))
        self.refs[id(args[0])] = self.ref_of(result)
        return args[0]

    def _record(self, func: Any, args: Any, kwargs: Any, result: Any) -> None:
        step = len(self.calls)
        outputs = result if is_sequence(result) else (result,)
        self.calls.append((func, tree_map(self.ref_of, args), tree_map(self.ref_of, kwargs), result))
        for position, tensor in enumerate(outputs):
            if isinstance(tensor, torch.Tensor):
                self.refs[id(tensor)] = Ref(step, position)
                self.kept.append(tensor)

    def ref_of(self, value: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return value
        ref = self.refs.get(id(value))
        if ref is None:
            raise NotLowerable("a tensor constant inside the call")
        return ref


def _out_of_place(func: Any) -> Any | None:
    """The same call without an update of its first argument: `aten.div` for `aten.div_`. None for other calls."""
    name: str = func._schema.name
    overload: str = func._overloadname
    if not func._schema.is_mutable or not name.endswith("_") or name.endswith("__"):
        return None
    packet: Any = getattr(torch.ops.aten, name.removeprefix("aten::").removesuffix("_"), None)
    return None if packet is None else getattr(packet, "p" if overload == "float" else overload, None)


def _left_out(func: Any, functional: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    """Arguments that torch leaves out of an update since they are its defaults, where the call without an update has no default:
    `bernoulli_(0.5)`."""
    given = {a.name for a in func._schema.arguments[: len(args)]} | kwargs.keys()
    defaults = {a.name: a.default_value for a in func._schema.arguments if a.has_default_value() and a.name not in given}
    return {a.name: defaults[a.name] for a in functional._schema.arguments if not a.has_default_value() and a.name in defaults}


def record_call(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], inductor: InductorAdapter = LATE_INDUCTOR
) -> Recording:
    """The ATen calls of `function(*args, **kwargs)`, where tensors are `TensorInput`s and sizes are Dims.

    Raises NotLowerable, or torch's own error for a call that torch rejects.
    """
    leaves = tree_flatten((args, dict(kwargs)))[0]
    dims = [leaf for leaf in leaves if isinstance(leaf, Dim)]
    dims += [d for leaf in leaves if isinstance(leaf, TensorInput) for d in leaf.dims]
    dims += [dim(leaf) for leaf in leaves if isinstance(leaf, int) and not isinstance(leaf, bool)]
    numbers = tuple(leaf for leaf in leaves if isinstance(leaf, TensorInput) and leaf.is_number)
    try:
        first, second, probes = probed(dims, lambda p: _run(function, args, kwargs, p, inductor))
    except (RuntimeError, TypeError, ValueError, NotLowerable):
        if not numbers:
            raise
        return _record_with_numbers(function, args, kwargs, dims, numbers, inductor)
    recording = _merge((first, second), probes)
    if not any(is_quotient(size, dims) for call in recording.calls for size in _sizes_in(call)):
        return recording
    undivided = undivided_probes(dims, probes)
    try:
        more = [_run(function, args, kwargs, p, inductor) for p in undivided]
    except (RuntimeError, TypeError, ValueError, IndexError):
        return recording  # torch itself asks that it divides
    return _merge((first, second, *more), (*probes, *undivided))


def _record_with_numbers(
    function: Callable[..., Any],
    args: Any,
    kwargs: Any,
    dims: list[Dim],
    numbers: tuple[TensorInput, ...],
    inductor: InductorAdapter,
) -> Recording:
    """As `record_call`, where torch is given numbers for the device's, others in each run, which are found again in what it does."""
    runs = iter(range(4))
    given: list[dict[int, Any]] = []

    def ask(probes: Probes) -> tuple[_Recorder, Any]:
        given.append(stand_ins([(n.position, n.dtype.is_floating_point) for n in numbers], next(runs)))
        return _run(function, args, kwargs, probes, inductor, given[-1])

    first, second, probes = probed(dims, ask)
    known = {n.position: (given[-2][n.position], given[-1][n.position]) for n in numbers}
    return _merge((first, second), probes, known)


def _sizes_in(call: AtenCall) -> list[Dim]:
    leaves = tree_flatten((call.args, dict(call.kwargs)))[0]
    return [leaf for leaf in leaves if isinstance(leaf, Dim)] + [size for output in call.outputs for size in output.dims]


def _run(
    function: Callable[..., Any],
    args: Any,
    kwargs: Any,
    probes: Probes,
    inductor: InductorAdapter,
    numbers: Mapping[int, Any] = _NO_NUMBERS,
) -> tuple[_Recorder, Any]:
    recorder = _Recorder(inductor)

    def concrete(leaf: Any) -> Any:
        if isinstance(leaf, TensorInput):
            if leaf.position in numbers:
                return numbers[leaf.position]
            sizes = tuple(probes.number(d) for d in leaf.dims)
            tensor = torch.empty(sizes, dtype=leaf.dtype, device="meta")
            recorder.refs[id(tensor)] = Ref(-1, leaf.position)
            recorder.kept.append(tensor)
            return tensor
        return probes.number(leaf) if isinstance(leaf, Dim) else leaf

    arguments = tree_map(concrete, args)
    options = tree_map(concrete, dict(kwargs))
    with torch.device("meta"), recorder:
        result = function(*arguments, **options)
    return recorder, tree_map(recorder.ref_of, result)


def _merge(
    runs: tuple[tuple[_Recorder, Any], ...], probes: tuple[Probes, ...], numbers: Mapping[int, tuple[Any, Any]] = _NO_NUMBERS
) -> Recording:
    recorders, results = [recorder for recorder, _ in runs], [result for _, result in runs]
    targets = [[call[0] for call in recorder.calls] for recorder in recorders]
    if any(t != targets[0] for t in targets) or any(r != results[0] for r in results):
        raise NotLowerable("the computation depends on a size that is not known")

    def merged(*found: Any) -> Any:
        first = found[0]
        if is_sequence(first):
            if any(len(other) != len(first) for other in found):
                raise NotLowerable("the computation depends on a size that is not known")
            return tuple(merged(*parts) for parts in zip(*found, strict=True))
        if all(first == other or (isinstance(first, float) and first != first and other != other) for other in found):
            return first
        if (number := made_of(numbers, found)) is not None:
            return number
        if all(isinstance(number, int) for number in found):
            size = decoded(probes, *found)
            if size is not None:
                return size
        if all(isinstance(number, float) and number.is_integer() for number in found):
            size = decoded(probes, *map(int, found))
            if size is not None:
                return SizeAsFloat(size)
        if numbers:
            raise NotLowerable("it computes with a number on the host that only the device has: make it a `hl.constexpr`")
        raise NotLowerable(f"a constant depends on a size that is not known ({' or '.join(map(str, found))})")

    for wholes in zip(*(recorder.wholes for recorder in recorders), strict=True):
        if dim(merged(*(size for _, size in wholes))).has(BlockSymbol):
            raise NotLowerable(f"{wholes[0][0]} picks elements by their place, and how many a tile has is the config's to choose")

    def outputs(*found: Any) -> tuple[Output, ...]:
        each = zip(*(r if is_sequence(r) else (r,) for r in found), strict=True)
        return tuple(Output(merged(*(tuple(tensor.shape) for tensor in same)), same[0].dtype) for same in each)

    def sized(output: Output) -> Output:
        return Output(tuple(dim(d) for d in output.dims), output.dtype)

    calls = tuple(
        AtenCall(
            target=same[0][0],
            args=merged(*(tuple(call[1]) for call in same)),
            kwargs={name: merged(*(call[2][name] for call in same)) for name in same[0][2]},
            outputs=tuple(sized(o) for o in outputs(*(call[3] for call in same))),
            is_tuple=is_sequence(same[0][3]),
        )
        for same in zip(*(recorder.calls for recorder in recorders), strict=True)
    )
    return Recording(calls, results[0])
