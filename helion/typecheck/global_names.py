"""What a kernel's free names are: those of the live module (JIT), or the file's imports and constants (editor), which is never run."""

from __future__ import annotations

import ast
import importlib
import math
import types
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from helion.signatures.from_values import Names, type_of_value
from helion.syntax.constant_values import NotConstant, constant_value
from helion.syntax.module_files import LIBRARIES, module_file
from helion.syntax.names import assigned_names
from helion.syntax.project_files import parsed_file
from helion.syntax.tree import ImportedName, ModuleSyntax
from helion.types.types import KernelType, ModuleType, NumberType, Type, UnknownType, UserFunctionType

GlobalNames = Names
KERNEL_GLOBALS = "kernel_globals"
_NEVER_IMPORTED = frozenset({"triton", "numpy"})


class LiveGlobals:
    """The globals of a live kernel function."""

    def __init__(self, function: types.FunctionType) -> None:
        self._globals = function.__globals__

    def resolve(self, name: str) -> Type | None:
        if name not in self._globals:
            return None
        return type_of_value(self._globals[name], self.path_of(name))

    def path_of(self, name: str) -> str:
        return f"{KERNEL_GLOBALS}[{name!r}]"


class FileGlobals:
    """The names a file binds at its top level. Only modules of an allow-list are imported; the user's are not: what a file of the same
    project defines is known by that file's text.

    `importers` are the files that led here, `parsed` gives the syntax of a file: what is on the disk, unless an editor knows better.
    """

    def __init__(
        self, module: ModuleSyntax, importers: tuple[str, ...] = (), parsed: Callable[[Path], ModuleSyntax | None] = parsed_file
    ) -> None:
        self._module = module
        self._parsed = parsed
        self._importers = (*importers, module.file.path)
        self._followed: dict[ImportedName, Type | None] = {}

    def resolve(self, name: str) -> Type | None:
        module = self._module
        if name in module.imports:
            return self._imported(name, module.imports[name])
        if name in module.functions:
            function = UserFunctionType(name, module.functions[name], self)
            return KernelType(name, function) if any(k.qualname == name for k in module.kernels) else function
        if name in module.constants:
            return self._constant(name, module.constants[name])
        return UnknownType("defined in a way that is not followed") if self._is_bound(name) else None

    def path_of(self, name: str) -> str:
        return f"{KERNEL_GLOBALS}[{name!r}]"

    def _imported(self, name: str, imported: ImportedName) -> Type:
        root = imported.module.split(".")[0]
        if root not in LIBRARIES or root in _NEVER_IMPORTED:
            if imported not in self._followed:
                self._followed[imported] = None if root in _NEVER_IMPORTED else self._of_project(imported)
            return self._followed[imported] or UnknownType(f"`{imported.module}` is not looked into")
        try:
            found: Any = importlib.import_module(imported.module)
            if imported.attribute is not None:
                found = getattr(found, imported.attribute)
        except (ImportError, AttributeError):
            return UnknownType(f"`{imported.module}` cannot be imported")
        return type_of_value(found, self.path_of(name))

    def _of_project(self, imported: ImportedName) -> Type | None:
        """A function, kernel or constant of another file. What decorators make of a function is not known."""
        path = None if imported.attribute is None else module_file(self._module.file.path, imported.module)
        if imported.attribute is None or path is None or str(path) in self._importers:
            return None
        module = self._parsed(path)
        if module is None:
            return None
        function = module.functions.get(imported.attribute)
        is_kernel = any(k.qualname == imported.attribute for k in module.kernels)
        if function is not None and not is_kernel and isinstance(function.node, ast.FunctionDef) and function.node.decorator_list:
            return None
        return FileGlobals(module, self._importers, self._parsed).resolve(imported.attribute)

    def _constant(self, name: str, node: ast.expr) -> Type:
        match node:
            case ast.Call(func=ast.Name(id="constexpr") | ast.Attribute(attr="constexpr"), args=[inner], keywords=[]):
                return self._constant(name, inner)
            case _:
                pass
        if name in self._module.rebound:
            return UnknownType("assigned in several places")
        try:
            return type_of_value(constant_value(node, lambda other: self._value_of(other, (name,))), self.path_of(name))
        except NotConstant:
            return UnknownType("computed when the module is imported")

    def _value_of(self, name: str, seen: tuple[str, ...]) -> object:
        """The value of a name that a constant is computed from."""
        module = self._module
        if name in module.constants and name not in (*seen, *module.rebound):
            return constant_value(module.constants[name], lambda other: self._value_of(other, (*seen, name)))
        found = self._imported(name, module.imports[name]) if name in module.imports else None
        if isinstance(found, ModuleType) and found.module is math:
            return math
        if isinstance(found, NumberType) and found.value is not None:
            return int(found.value) if found.kind is int else found.value
        raise NotConstant(name)

    def _is_bound(self, name: str) -> bool:
        """Whether any top-level statement binds the name at all: classes, loops, `with`, star imports, a function's `global`."""
        return name in self._bound or "*" in self._bound

    @cached_property
    def _bound(self) -> frozenset[str]:
        return frozenset((*assigned_names(self._module.tree.body), *self._module.declared_global))
