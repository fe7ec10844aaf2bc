"""A live function in, the values that it and the functions it calls read from outside out: scalars, strings and tensors only."""

from __future__ import annotations

import dis
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeGuard

import torch

_KEPT = (bool, int, float, str, torch.dtype, torch.Tensor)
_LIBRARIES = frozenset({"torch", "helion", "triton", "math", "operator", "functools", "typing", "collections", "builtins"})


@lru_cache(maxsize=4096)
def _global_names(code: types.CodeType) -> tuple[str, ...]:
    """The globals that a code object reads."""
    found = (i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME"))
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class CapturedName:
    """A global that a function reads: the module's dict, the name there, and the object that it stands for."""

    names: Mapping[str, Any]
    name: str
    value: Any

    @property
    def has_cells(self) -> bool:
        return isinstance(self.value, types.FunctionType) and bool(self.value.__closure__)


def _is_helper(value: object) -> TypeGuard[types.FunctionType]:
    return isinstance(value, types.FunctionType) and (value.__module__ or "").split(".")[0] not in _LIBRARIES


def captured_values(function: types.FunctionType) -> tuple[Any, ...]:
    """In a fixed order for a function whose code and helpers stay the same."""
    return tuple(_walk(function, set()))


def _walk(function: types.FunctionType, seen: set[types.CodeType]) -> Iterator[Any]:
    if function.__code__ in seen:
        return
    seen.add(function.__code__)
    cells = [cell.cell_contents for cell in function.__closure__ or () if cell != _EMPTY]
    names = function.__globals__
    for value in (*cells, *(names[name] for name in _global_names(function.__code__) if name in names)):
        if isinstance(value, _KEPT):
            yield value
        elif _is_helper(value):
            yield value.__code__
            yield from _walk(value, seen)


def captured_names(function: types.FunctionType) -> tuple[CapturedName, ...] | None:
    """Where `captured_values` found what it gives: while those names stand for the same objects, the values are the same. None where a
    tensor is among them, which can change while it stays the same object, or a closure."""
    found = tuple(_walk_names(function, set()))
    is_certain = not any(found_here.has_cells or isinstance(found_here.value, torch.Tensor) for found_here in found)
    return found if is_certain else None


def _walk_names(function: types.FunctionType, seen: set[types.CodeType]) -> Iterator[CapturedName]:
    if function.__code__ in seen:
        return
    seen.add(function.__code__)
    names = function.__globals__
    for name in _global_names(function.__code__):
        value = names.get(name)
        if isinstance(value, _KEPT) or _is_helper(value):
            yield CapturedName(names, name, value)
        if _is_helper(value):
            yield from _walk_names(value, seen)


_EMPTY = types.CellType()
