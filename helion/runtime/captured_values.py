"""A live function in, the values that it and the functions it calls read from outside out: scalars, strings and tensors only."""

from __future__ import annotations

import dis
import types
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import torch

_KEPT = (bool, int, float, str, torch.dtype, torch.Tensor)
_LIBRARIES = frozenset({"torch", "helion", "triton", "math", "operator", "functools", "typing", "collections", "builtins"})


@lru_cache(maxsize=4096)
def _global_names(code: types.CodeType) -> tuple[str, ...]:
    """The globals that a code object reads."""
    found = (i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME"))
    return tuple(dict.fromkeys(found))


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
        elif isinstance(value, types.FunctionType) and (value.__module__ or "").split(".")[0] not in _LIBRARIES:
            yield value.__code__
            yield from _walk(value, seen)


_EMPTY = types.CellType()
