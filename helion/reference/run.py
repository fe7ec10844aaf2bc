"""A kernel's function in, a function that runs it eagerly out: the same code object with `hl` meaning eager operations."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

import helion.language as hl
from helion.ops.table import OPS
from helion.reference import indexing, overlap
from helion.reference.rebind import Rebinding, names_of
from helion.reference.tiles import ReferenceLoops
from helion.signatures.from_values import device_of
from helion.types import operators as operator

_CREATIONS = ("zeros", "full", "arange", "rand", "randint")
# What makes tensors of nothing: in device code, where the kernel runs.
_CONSTRUCTORS: frozenset[Callable[..., Any]] = frozenset(
    {
        *(torch.arange, torch.empty, torch.eye, torch.full, torch.linspace, torch.logspace, torch.ones, torch.rand, torch.randint),
        *(torch.randn, torch.randperm, torch.scalar_tensor, torch.tensor, torch.zeros),
    }
)

# Torch's names for `+=` and its kin. On the device names hold values, so `b = a; b += 1` leaves `a` alone.
_OUT_OF_PLACE: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "add_": operator.add,
        "sub_": operator.sub,
        "mul_": operator.mul,
        "div_": operator.truediv,
        "floor_divide_": operator.floordiv,
        "remainder_": operator.mod,
        "pow_": operator.pow,
        "__iand__": operator.and_,
        "__ior__": operator.or_,
        "__ixor__": operator.xor,
        "__ilshift__": operator.lshift,
        "__irshift__": operator.rshift,
    }
)


class _ReferenceMode(TorchFunctionMode):
    """Torch calls of one eager run: subscripts by tiles, ops whose meaning in the language is not torch's own, values not references."""

    def __init__(self, loops: ReferenceLoops) -> None:
        super().__init__()
        self._loops = loops

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        options: dict[str, Any] = kwargs or {}
        if not self._loops.running:
            return func(*args, **options)
        if func in _CONSTRUCTORS and options.get("device") is None:
            options = {**options, "device": self._loops.device}
        if func is torch.Tensor.__getitem__ and indexing.is_of_the_language(args[1]):
            return indexing.load(args[0], args[1])
        if func is torch.Tensor.__setitem__ and indexing.is_of_the_language(args[1]):
            return indexing.store(args[0], args[1], overlap.of_store(args[0], args[1], args[2], self._loops.partial_lengths()))
        if func is torch.Tensor.__getitem__:  # plain numbers and slices, of which torch would give a view: what is stored later shows there
            return func(*args, **options).clone()
        func = _OUT_OF_PLACE.get(getattr(func, "__name__", ""), func)
        op = OPS.find(func)
        if op is not None and op.run is not None and op.infer is not None:
            return op.run(*args, **options)
        try:
            return func(*args, **options)
        except RuntimeError:
            cut = overlap.of_operands(args, options, self._loops.partial_lengths())
            if cut is None:
                raise
            return func(*cut[0], **cut[1])


def reference_function(function: types.FunctionType, config: Mapping[str, Any] = MappingProxyType({})) -> Callable[..., Any]:
    """The kernel in reference mode: same parameters, same results, no compilation. Of a config, only tunables mean anything."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        loops = ReferenceLoops(
            device_of((*args, *kwargs.values())) or torch.device("cpu"),
            one_by_one=hl.jagged_tile.__name__ in names_of(function.__code__),
        )
        rebinding = Rebinding(_eager_language(loops, config))
        with _ReferenceMode(loops):
            return rebinding.of(function)(*(rebinding.of(a) for a in args), **{k: rebinding.of(v) for k, v in kwargs.items()})

    return run


def _eager_language(loops: ReferenceLoops, config: Mapping[str, Any]) -> types.ModuleType:
    """`hl` with every stub replaced by what it does."""
    module = types.ModuleType("helion.language")
    for name in hl.__all__:
        stub = getattr(hl, name)
        op = OPS.find(stub)
        setattr(module, name, stub if op is None or op.run is None else op.run)
    replaced: dict[str, Callable[..., Any]] = {
        "tile": loops.tile,
        "grid": loops.grid,
        "jagged_tile": loops.jagged_tile,
        "load": _as_torch(indexing.load),
        "store": _as_torch(functools.partial(_store, loops)),
        "register_tunable": functools.partial(_tunable, config),
        **{name: _on_device(getattr(module, name), loops.device) for name in _CREATIONS},
    }
    module.__dict__.update(replaced)
    return module


def _store(loops: ReferenceLoops, tensor: torch.Tensor, index: Any, value: Any, extra_mask: torch.Tensor | None = None) -> None:
    indexing.store(tensor, index, overlap.of_store(tensor, index, value, loops.partial_lengths()), extra_mask)


def _tunable(config: Mapping[str, Any], name: str, fragment: Any) -> Any:
    """The config's value where it has one that the fragment allows, else the fragment's default."""
    value = config.get(name, fragment.default())
    return value if fragment.accepts(value) else fragment.default()


def _as_torch(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with subscripts inside it meaning torch's own."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        with torch._C.DisableTorchFunction():  # pyright: ignore[reportPrivateUsage]  # torch has no public name for it
            return function(*args, **kwargs)

    return run


def _on_device(function: Callable[..., Any], device: torch.device) -> Callable[..., Any]:
    @functools.wraps(function)
    def create(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **(kwargs if kwargs.get("device") is not None else {**kwargs, "device": device}))

    return create
