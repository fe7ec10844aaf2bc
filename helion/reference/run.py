"""A kernel's function in, a function that runs it eagerly out: the same code object with `hl` meaning eager operations."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

import helion.language as hl
from helion.ops.table import OPS
from helion.reference import indexing
from helion.reference.tiles import grid, tiles

_MAX_DEPTH = 8


class _ReferenceMode(TorchFunctionMode):
    """Torch calls on whole ranges: subscripts by tiles, and the matrix products whose accumulation differs from torch's own."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is torch.Tensor.__getitem__ and indexing.mentions_tile(args[1]):
            return indexing.load(args[0], args[1])
        if func is torch.Tensor.__setitem__ and indexing.mentions_tile(args[1]):
            return indexing.store(args[0], args[1], args[2])
        op = OPS.find(func)
        if op is not None and op.run is not None and op.run is not func and op.emit is not None and op.infer is not None:
            return op.run(*args, **kwargs)
        return func(*args, **kwargs)


def reference_function(function: types.FunctionType) -> Callable[..., Any]:
    """The kernel in reference mode: same parameters, same results, no compilation."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        device = _device_of((*args, *kwargs.values()))
        language = _eager_language(device)
        rebound = _rebound(function, language, 0)
        with _ReferenceMode():
            return rebound(*(_argument(a, language) for a in args), **{k: _argument(v, language) for k, v in kwargs.items()})

    return run


def _device_of(values: tuple[Any, ...]) -> torch.device:
    found = next((v.device for v in values if isinstance(v, torch.Tensor)), None)
    return torch.device("cpu") if found is None else found


def _argument(value: Any, language: types.ModuleType) -> Any:
    return _rebound(value, language, 0) if isinstance(value, types.FunctionType) else value


def _eager_language(device: torch.device) -> types.ModuleType:
    """`hl` with every stub replaced by what it does."""
    module = types.ModuleType("helion.language")
    for name in hl.__all__:
        stub = getattr(hl, name)
        op = OPS.find(stub)
        setattr(module, name, stub if op is None or op.run is None else op.run)
    module.tile = functools.partial(tiles, device)  # type: ignore[attr-defined]
    module.grid = grid  # type: ignore[attr-defined]
    module.load = indexing.load  # type: ignore[attr-defined]
    module.store = indexing.store  # type: ignore[attr-defined]
    for name in ("zeros", "full", "arange"):
        setattr(module, name, functools.partial(_on_device, getattr(module, name), device))
    return module


def _on_device(function: Callable[..., Any], device: torch.device, *args: Any, **kwargs: Any) -> Any:
    if kwargs.get("device") is None:
        kwargs["device"] = device
    return function(*args, **kwargs)


def _rebound(function: types.FunctionType, language: types.ModuleType, depth: int) -> types.FunctionType:
    """A copy of a function whose globals mean the eager language; helpers it calls are copied along, the user's module is untouched."""
    replacements = {id(getattr(hl, name)): getattr(language, name) for name in hl.__all__}
    names = dict(function.__globals__)
    used = set(function.__code__.co_names)
    for name in used & names.keys():
        value = names[name]
        if value is hl:
            names[name] = language
        elif id(value) in replacements:
            names[name] = replacements[id(value)]
        elif isinstance(value, types.ModuleType) and value.__name__ == "helion":
            names[name] = _package_with(value, language)
        elif isinstance(value, types.FunctionType) and depth < _MAX_DEPTH and not value.__module__.startswith(("torch", "helion.")):
            names[name] = _rebound(value, language, depth + 1)
    copy = types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def _package_with(package: types.ModuleType, language: types.ModuleType) -> types.SimpleNamespace:
    """`helion` as the kernel sees it, for `helion.language.tile` and `helion.cdiv`."""
    return types.SimpleNamespace(language=language, cdiv=package.cdiv, next_power_of_2=package.next_power_of_2)
