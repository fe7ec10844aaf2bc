"""The program of one tile in, the ATen calls of its gradient out: torch's own autograd runs on meta tensors and is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._pytree import tree_leaves

from helion.autodiff.not_differentiable import NotDifferentiable
from helion.autodiff.read_tile import AT_RANDOM
from helion.autodiff.tile_program import Computed, Leaf, Store, Tile, TileProgram, is_active
from helion.device_ir.torch_calls import NotLowerable, Recording, TensorInput, record_call
from helion.ops.table import OPS
from helion.types.dims import Dim
from helion.types.types import NumberType, TensorType
from helion.types.untyped import is_sequence

_NUMBER_DTYPES = {int: torch.int64, float: torch.float32, bool: torch.bool}


@dataclass(frozen=True)
class Gradient:
    """`recording` takes the program's `leaves` and then the gradients of `stores`; its result are the gradients of `loads`, None for
    those that nothing stored depends on."""

    recording: Recording
    leaves: tuple[Leaf, ...]
    stores: tuple[Store, ...]
    loads: tuple[Leaf, ...]

    @property
    def of_loads(self) -> tuple[tuple[Leaf, Any], ...]:
        return tuple((load, found) for load, found in zip(self.loads, self.recording.result, strict=True) if found is not None)


def differentiate(program: TileProgram, outputs: Iterable[str]) -> Gradient:
    """The gradient with respect to every differentiable load, of the stores to the host tensors `outputs`. Raises NotDifferentiable."""
    wanted = set(outputs)
    stores = tuple(store for store in program.stores if store.place.tensor in wanted and is_active(store.value))
    found = {leaf.position: leaf for store in stores for leaf in _leaves(store.value)}
    leaves = tuple(found[position] for position in sorted(found))
    loads = tuple(leaf for leaf in leaves if leaf.source is not None)
    sizes = tuple(dict.fromkeys(size for store in stores for size in _sizes(store.value)))
    types = (*(leaf.type for leaf in leaves), *(store.type for store in stores))
    inputs = tuple(_input(position, type_, program) for position, type_ in enumerate(types))
    trace = _Trace(program, leaves, stores, loads, sizes)
    try:
        recording = record_call(trace.run, (inputs, sizes), {})
    except NotLowerable as problem:
        span = (trace.where or program.loop).span
        raise NotDifferentiable(span, trace.what, f"its derivative has no device code ({problem})") from problem
    except (RuntimeError, TypeError, ValueError, IndexError) as problem:
        span = (trace.where or program.loop).span
        raise NotDifferentiable(span, trace.what, str(problem).splitlines()[0]) from problem
    if any(torch.Tag.nondeterministic_seeded in getattr(call.target, "tags", ()) for call in recording.calls):
        raise NotDifferentiable(program.loop.span, "a random number", AT_RANDOM)
    return Gradient(recording, leaves, stores, loads)


def _input(position: int, type_: Any, program: TileProgram) -> TensorInput:
    if isinstance(type_, NumberType):
        return TensorInput(position, (), _NUMBER_DTYPES[type_.kind], is_number=True)
    if isinstance(type_, TensorType) and type_.rank is not None and type_.dtype is not None:
        return TensorInput(position, type_.dims, type_.dtype)
    raise NotDifferentiable(program.loop.span, str(type_), "its type is not known well enough")


@dataclass
class _Trace:
    """One run of torch over a tile; `where` is the call that torch was last asked for, None once it takes derivatives."""

    program: TileProgram
    leaves: tuple[Leaf, ...]
    stores: tuple[Store, ...]
    loads: tuple[Leaf, ...]
    sizes: tuple[Dim, ...]
    where: Computed | None = None

    @property
    def what(self) -> str:
        return "this loop" if self.where is None else f"`{getattr(self.where.target, '__name__', self.where.target)}`"

    def run(self, tensors: tuple[Any, ...], sizes: tuple[int, ...]) -> tuple[Any, ...]:
        values = {leaf.position: tensor for leaf, tensor in zip(self.leaves, tensors, strict=False)}
        of_sizes = dict(zip(self.sizes, sizes, strict=True))
        gradients = tensors[len(self.leaves) :]
        done: dict[int, Any] = {}

        def evaluate(value: Any) -> Any:
            match value:
                case Leaf():
                    return values[value.position]
                case Tile(axis=axis):
                    return of_sizes[axis.block.symbol] if axis.block is not None else None
                case Dim():
                    return of_sizes[value]
                case Computed():
                    if id(value) not in done:
                        args = tuple(evaluate(arg) for arg in value.args)
                        kwargs = {name: evaluate(arg) for name, arg in value.kwargs.items()}
                        self.where = value
                        done[id(value)] = _called(value, args, kwargs)
                    return done[id(value)]
                case _ if is_sequence(value):
                    return tuple(evaluate(item) for item in value)
                case _:
                    return value

        with torch.enable_grad():
            inputs = [values[leaf.position].requires_grad_() for leaf in self.loads]
            stored = [
                evaluate(store.value).to(store.type.dtype).expand(gradient.shape)
                for store, gradient in zip(self.stores, gradients, strict=True)
            ]
            self.where = None
            smooth = [(value, gradient) for value, gradient in zip(stored, gradients, strict=True) if value.requires_grad]
            if not smooth or not inputs:
                return (None,) * len(inputs)
            results, seeds = zip(*smooth, strict=True)
            return torch.autograd.grad(results, inputs, seeds, allow_unused=True)


def _called(call: Computed, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a call gives in torch. An op of the language that torch cannot follow through would have no gradient, silently."""
    op = OPS.find(call.target)
    if op is None or call.target is not op.function or op.function.__module__.startswith("torch"):
        return call.target(*args, **kwargs)
    if op.run is None:
        raise NotDifferentiable(call.span, f"`{op.name}`", "it has no meaning in torch")
    result = op.run(*args, **kwargs)
    given = [value for value in tree_leaves((args, kwargs)) if isinstance(value, torch.Tensor)]
    lost = [
        value for value in tree_leaves(result) if isinstance(value, torch.Tensor) and value.is_floating_point() and not value.requires_grad
    ]
    if lost and any(value.requires_grad for value in given):
        raise NotDifferentiable(call.span, f"`{op.name}`", "torch knows no derivative of it")
    return result


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, Computed):
        yield from (*value.args, *value.kwargs.values())
    elif is_sequence(value):
        yield from value


def _leaves(value: Any) -> Iterator[Leaf]:
    """Every leaf that a value is computed from."""
    yield from (part for part in _walk(value) if isinstance(part, Leaf))


def _sizes(value: Any) -> Iterator[Dim]:
    for part in _walk(value):
        if isinstance(part, Dim):
            yield part
        elif isinstance(part, Tile) and part.axis.block is not None:
            yield part.axis.block.symbol


def _walk(value: Any) -> Iterator[Any]:
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if id(part) not in seen:
            seen.add(id(part))
            yield part
            waiting.extend(_parts(part))
