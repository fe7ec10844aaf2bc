"""A function in, a copy whose globals and closure mean the eager language out; the user's module is left untouched."""

from __future__ import annotations

import copy
import dataclasses
import sys
import types
from collections.abc import Iterator
from typing import Any

import helion.language as hl
from helion.ops.table import OPS
from helion.types.untyped import is_dict, is_sequence

_LIBRARIES = frozenset({"torch", "helion", "triton", "math", "operator", "functools", "builtins"})


class Rebinding:
    """Copies of the functions that one eager run reaches; each is copied once, so recursion ends."""

    def __init__(self, language: types.ModuleType) -> None:
        self._language = language
        self._by_stub = {id(getattr(hl, name)): getattr(language, name) for name in hl.__all__}
        self._copies: dict[int, types.FunctionType] = {}
        self._modules: dict[int, types.ModuleType] = {}
        self._open: set[int] = set()

    def of(self, value: Any) -> Any:
        """What a value means in the eager language: functions of the user's and `hl`'s are replaced, also those that a module, a list, a
        tuple, a dict or a dataclass has; anything else is as it was."""
        if value is hl:
            return self._language
        if id(value) in self._by_stub:
            return self._by_stub[id(value)]
        if isinstance(value, types.ModuleType) and (value.__name__ == "helion" or _is_users(value.__name__)):
            return self._module(value)
        if isinstance(value, types.FunctionType) and (op := OPS.find(value)) is not None and op.run is not None:
            return op.run
        function = getattr(value, "fn", value) if hasattr(value, "settings") else value
        if isinstance(function, types.FunctionType) and _is_users(function.__module__ or ""):
            return self._function(function)
        return self._container(value)

    def _function(self, function: types.FunctionType) -> types.FunctionType:
        if id(function) in self._copies:
            return self._copies[id(function)]
        names = dict(function.__globals__)
        cells = tuple(types.CellType() for _ in function.__closure__ or ())
        copy = types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, cells)
        copy.__kwdefaults__ = function.__kwdefaults__
        self._copies[id(function)] = copy
        for name in set(names_of(function.__code__)) & names.keys():
            names[name] = self.of(names[name])
        for cell, original in zip(cells, function.__closure__ or (), strict=True):
            if original != types.CellType():
                cell.cell_contents = self.of(original.cell_contents)
        return copy

    def _container(self, value: Any) -> Any:
        """A copy of a container with what its items mean, where that is something else; a container that has itself is left alone there."""
        if id(value) in self._open:
            return value
        self._open.add(id(value))
        try:
            if is_dict(value):
                items = {key: self.of(item) for key, item in value.items()}
                return items if any(items[key] is not item for key, item in value.items()) else value
            if is_sequence(value):
                parts = [self.of(item) for item in value]
                if all(part is item for part, item in zip(parts, value, strict=True)):
                    return value
                return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
            if dataclasses.is_dataclass(value) and not isinstance(value, type):
                return self._dataclass(value)
        finally:
            self._open.discard(id(value))
        return value

    def _dataclass(self, value: Any) -> Any:
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if hasattr(value, field.name)}
        changed = {name: meant for name, item in fields.items() if (meant := self.of(item)) is not item}
        if not changed:
            return value
        result = copy.copy(value)
        for name, meant in changed.items():
            object.__setattr__(result, name, meant)  # the class may be frozen
        return result

    def _module(self, module: types.ModuleType) -> types.ModuleType:
        """A module as the kernel sees it: what is read from it has its meaning in the eager language."""
        if id(module) in self._modules:
            return self._modules[id(module)]
        proxy = types.ModuleType(module.__name__)

        def attribute(name: str) -> Any:
            return self.of(getattr(module, name))

        proxy.__dict__.update(__getattr__=attribute)
        self._modules[id(module)] = proxy
        return proxy


def _is_users(module: str) -> bool:
    """Whether a module, by its name, is the user's, or of a package that may use `hl`."""
    top = module.partition(".")[0]
    return top not in _LIBRARIES and (top not in sys.stdlib_module_names or top == "__main__")


def names_of(code: types.CodeType) -> Iterator[str]:
    """The globals a code object may read, with those of the lambdas and comprehensions inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from names_of(constant)
