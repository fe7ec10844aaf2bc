"""A live Python object in, its type out: arguments of a call, globals, closure cells; never calls the object."""

from __future__ import annotations

import inspect
import linecache
import types
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

import torch

from helion.source import SourceFile
from helion.syntax.locate import function_at, lambda_at
from helion.syntax.parse import parse_module
from helion.syntax.tree import FunctionSyntax, ModuleSyntax
from helion.types.dims import dim
from helion.types.types import (
    ConstantType,
    DictType,
    DtypeType,
    FunctionType,
    ModuleType,
    NumberType,
    OpaqueType,
    Region,
    SequenceType,
    TensorType,
    Type,
    UnknownType,
    UserFunctionType,
)


class Names(Protocol):
    """Resolves names that a function does not define itself. `path_of` is Python that yields the value, evaluated by the host."""

    def resolve(self, name: str) -> Type | None: ...

    def path_of(self, name: str) -> str: ...


def type_of_value(value: Any, path: str) -> Type:
    """The type of a live value that `path` yields on the host."""
    match value:
        case torch.Tensor():
            return TensorType(tuple(dim(s) for s in value.shape), value.dtype, Region.HOST, tuple(dim(s) for s in value.stride()))
        case bool():
            return NumberType(bool, value)
        case int():
            return NumberType(int, dim(value))
        case float():
            return NumberType(float, value)
        case None | str() | torch.device() | types.EllipsisType():
            return ConstantType(value)
        case torch.dtype():
            return DtypeType(value)
        case types.ModuleType():
            return ModuleType(value.__name__, value)
        case types.FunctionType() if not _is_library(value):
            return user_function(value, path)
        case tuple() if hasattr(value, "value") and hasattr(value, "_fields"):
            return type_of_value(cast("Any", value).value, f"{path}.value")
        case list() | tuple():
            kind = list if isinstance(value, list) else tuple
            return SequenceType(tuple(type_of_value(v, f"{path}[{i}]") for i, v in enumerate(value)), kind)
        case dict():
            return DictType(tuple((k, type_of_value(v, f"{path}[{k!r}]")) for k, v in value.items()))
        case _ if callable(value):
            return FunctionType(getattr(value, "__name__", type(value).__name__), value)
        case _:
            return OpaqueType(type(value))


def _is_library(function: types.FunctionType) -> bool:
    """Functions of torch and of the toolkit itself are looked at by what they are, not by their source."""
    module = (function.__module__ or "").split(".")[0]
    return module in ("torch", "helion", "triton", "math", "operator")


def user_function(function: types.FunctionType, path: str) -> Type:
    """A function of the user's by its syntax; Unknown when its source cannot be read."""
    syntax = syntax_of(function)
    if syntax is None:
        return UnknownType(f"the source of `{function.__name__}` cannot be read")
    return UserFunctionType(function.__name__, syntax, FunctionNames(function, path))


@cache
def _module_at(path: str, stamp: tuple[int, int]) -> ModuleSyntax:
    return parse_module(SourceFile.read(path))


def module_of_code(code: types.CodeType) -> ModuleSyntax | None:
    """The parsed file that a code object was compiled from."""
    path = Path(code.co_filename)
    if path.is_file():
        stat = path.stat()
        return _module_at(str(path), (stat.st_mtime_ns, stat.st_size))
    lines = linecache.getlines(code.co_filename)
    return parse_module(SourceFile(code.co_filename, "".join(lines))) if lines else None


def syntax_of(function: types.FunctionType) -> FunctionSyntax | None:
    """The `def` or `lambda` that a function was made by."""
    code = function.__code__
    module = module_of_code(code)
    if module is None:
        return None
    if function.__name__ != "<lambda>":
        return function_at(module, code.co_firstlineno, code.co_name)
    parameters = tuple(inspect.signature(function).parameters)
    for line, _, column, _ in code.co_positions():
        if line is not None and column:
            return lambda_at(module, line, column, parameters)
    return lambda_at(module, code.co_firstlineno, None, parameters)


class FunctionNames:
    """The free names of a live function: its closure cells, then its globals, then builtins."""

    def __init__(self, function: Callable[..., Any], path: str) -> None:
        self._function: Any = function
        self._path = path

    def _cells(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self._function.__code__.co_freevars)}

    def resolve(self, name: str) -> Type | None:
        cells = self._cells()
        if name in cells:
            return type_of_value(self._function.__closure__[cells[name]].cell_contents, self.path_of(name))
        if name in self._function.__globals__:
            return type_of_value(self._function.__globals__[name], self.path_of(name))
        return None

    def path_of(self, name: str) -> str:
        cells = self._cells()
        if name in cells:
            return f"{self._path}.__closure__[{cells[name]}].cell_contents"
        return f"{self._path}.__globals__[{name!r}]"
