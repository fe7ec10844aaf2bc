"""A live Python object in, its type out: arguments of a call, globals, closure cells; never calls the object."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import linecache
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

import torch

from helion.ops.tunables import constexpr
from helion.source import SourceFile
from helion.syntax.locate import function_at, lambda_at
from helion.syntax.parse import parse_module
from helion.syntax.tree import FunctionSyntax, ModuleSyntax
from helion.types.alignment import is_aligned
from helion.types.dims import dim
from helion.types.types import (
    ConstantType,
    DictType,
    DtypeType,
    FunctionType,
    KernelType,
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
from helion.types.untyped import is_dict, is_sequence


class Names(Protocol):
    """Resolves names that a function does not define itself. `path_of` is Python that yields the value, evaluated by the host."""

    def resolve(self, name: str) -> Type | None: ...

    def path_of(self, name: str) -> str: ...


def type_of_value(value: Any, path: str) -> Type:
    """The type of a live value that `path` yields on the host."""
    match value:
        case torch.Tensor():
            shape, stride = tuple(dim(s) for s in value.shape), tuple(dim(s) for s in value.stride())
            return TensorType(shape, value.dtype, Region.HOST, stride, is_aligned(value))
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
        case enum.Enum():
            return ConstantType(value)
        case constexpr():
            return type_of_value(value.value, f"{path}.value")
        case _ if _is_triton(value, "JITFunction", "InterpretedFunction"):
            return user_function(value.fn, f"{path}.fn")
        case _ if _is_triton(value, "constexpr"):
            return type_of_value(value.value, f"{path}.value")
        case _ if (inner := structure_of(value)) is not None:
            return inner.type_of(path, type_of_value)
        case _ if _is_kernel(value):
            return KernelType(value.name, user_function(value.fn, f"{path}.fn"))
        case _ if callable(value):
            return FunctionType(getattr(value, "__name__", type(value).__name__), value)
        case _:
            return OpaqueType(value.__class__)


def _is_kernel(value: Any) -> bool:
    """Whether a value is a decorated kernel, whose class belongs to a layer above."""
    return type(value).__module__.startswith("helion.runtime") and type(value).__name__ == "Kernel"


def _is_triton(value: Any, *names: str) -> bool:
    """Whether a value is of one of Triton's classes, which this layer does not import."""
    return type(value).__module__.startswith("triton.") and type(value).__name__ in names


@dataclass(frozen=True)
class Structure:
    """A value made of others: `keys` are dict keys, field names or positions."""

    kind: type
    keys: tuple[Any, ...]
    values: tuple[Any, ...]
    has_fields: bool = False

    def type_of(self, path: str, type_of_item: Callable[[Any, str], Type]) -> Type:
        """The type of the whole from the types of its items, each given the Python that yields it."""
        places = [f"{path}.{key}" if self.has_fields else f"{path}[{key!r}]" for key in self.keys]
        items = tuple(type_of_item(value, place) for value, place in zip(self.values, places, strict=True))
        if self.kind is dict:
            return DictType(tuple(zip(self.keys, items, strict=True)))
        return SequenceType(items, self.kind, self.keys if self.has_fields else ())


def structure_of(value: Any) -> Structure | None:
    """What a list, tuple, named tuple, dict or dataclass is made of; None for anything else."""
    if is_dict(value):
        return Structure(dict, tuple(value), tuple(value.values()))
    if is_sequence(value) and hasattr(value, "_fields"):
        return Structure(type(value), cast("Any", value)._fields, tuple(value), has_fields=True)
    if is_sequence(value):
        return Structure(list if isinstance(value, list) else tuple, tuple(range(len(value))), tuple(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = tuple(field.name for field in dataclasses.fields(value))
        return Structure(type(value), names, tuple(getattr(value, name) for name in names), has_fields=True)
    return None


def device_of(values: Sequence[Any]) -> torch.device | None:
    """The first device or tensor's device among values, looked for in lists, tuples, dicts and dataclasses."""
    for value in values:
        if isinstance(value, torch.Tensor):
            return value.device
        if isinstance(value, torch.device):
            return value
        inner = structure_of(value)
        found = device_of(inner.values) if inner is not None else None
        if found is not None:
            return found
    return None


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
