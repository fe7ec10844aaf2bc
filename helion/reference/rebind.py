"""A function in, a copy whose globals and closure mean the eager language out; the user's module is left untouched."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any

import helion.language as hl
from helion.ops.table import OPS

_LIBRARIES = frozenset({"torch", "helion", "triton", "math", "operator", "functools", "builtins"})


class Rebinding:
    """Copies of the functions that one eager run reaches; each is copied once, so recursion ends."""

    def __init__(self, language: types.ModuleType) -> None:
        self._language = language
        self._by_stub = {id(getattr(hl, name)): getattr(language, name) for name in hl.__all__}
        self._copies: dict[int, types.FunctionType] = {}

    def of(self, value: Any) -> Any:
        """What a value means in the eager language: functions of the user's and `hl`'s are replaced, anything else is as it was."""
        if value is hl:
            return self._language
        if id(value) in self._by_stub:
            return self._by_stub[id(value)]
        if isinstance(value, types.ModuleType) and value.__name__ == "helion":
            return self._package(value)
        if isinstance(value, types.FunctionType) and (op := OPS.find(value)) is not None and op.run is not None:
            return op.run
        function = getattr(value, "fn", value) if hasattr(value, "settings") else value
        if isinstance(function, types.FunctionType) and (function.__module__ or "").split(".")[0] not in _LIBRARIES:
            return self._function(function)
        return value

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

    def _package(self, package: types.ModuleType) -> types.ModuleType:
        """`helion` as the kernel sees it: its `language` is the eager one."""
        proxy = types.ModuleType(package.__name__)

        def attribute(name: str) -> Any:
            return getattr(package, name)

        proxy.__dict__.update(language=self._language, __getattr__=attribute)
        return proxy


def names_of(code: types.CodeType) -> Iterator[str]:
    """The globals a code object may read, with those of the lambdas and comprehensions inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from names_of(constant)
