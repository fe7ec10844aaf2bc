"""A name and the module that it stands in, how it makes kernels out: `partial(helion.kernel, ...)`, a function that returns kernels, or a
decorator that does; in the file itself or in one of the project that it imports from."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from helion.syntax.module_files import LIBRARIES
from helion.syntax.tree import ImportedName, KernelSyntax, ModuleSyntax

_AHEAD_OF_TIME = frozenset({"helion.aot_kernel", "helion.runtime.aot_kernel.aot_kernel"})
_DECORATORS = _AHEAD_OF_TIME | {
    "helion.kernel",
    "helion.jit",
    "helion.runtime.kernel",
    "helion.runtime.jit",
    "helion.runtime.kernel.kernel",
}
_INSTALLED = LIBRARIES | sys.stdlib_module_names
_MOST_FILES = 8


@dataclass(frozen=True)
class Maker:
    """`made` is the call of `helion.kernel`, with the options that all kernels get. One that `decorates` takes the function, one that
    `waits` takes options and gives what takes the function.

    Keywords in `forwarded` reach `helion.kernel`, with `passes_rest` all besides `own`, which are the maker's parameters.
    """

    made: ast.Call
    decorates: bool
    waits: bool
    passes_rest: bool = False
    own: frozenset[str] = frozenset()
    forwarded: frozenset[str] = field(default_factory=frozenset[str])

    @property
    def takes_options(self) -> bool:
        return self.passes_rest or bool(self.forwarded)

    def passes(self, call: ast.Call) -> bool:
        """Whether what a call says are options of `helion.kernel`, all of it."""
        return all(k.arg in self.forwarded or (self.passes_rest and k.arg is not None and k.arg not in self.own) for k in call.keywords)


def is_kernel(node: ast.expr, module: ModuleSyntax, scope: str) -> bool:
    """Whether an expression is `helion.kernel` or one like it, by whatever name the file has for it."""
    return _path_of(node, module, scope, frozenset()) in _DECORATORS


def is_decided_ahead(kernel: KernelSyntax) -> bool:
    """Whether the decorator is a call of `helion.aot_kernel`, which has options of its own."""
    call = None if kernel.decorator is None else kernel.decorator.call
    return call is not None and _path_of(call.func, kernel.module, "", frozenset()) in _AHEAD_OF_TIME


def find_maker(node: ast.expr, module: ModuleSyntax, scope: str = "") -> Maker | None:
    """How an expression that stands in `scope` makes kernels; None where it makes none."""
    for name in _names(module, node):
        found = _of_value(module.constants.get(name), module) or _of_function(name, module)
        if found is not None:
            return found
    path = _path_of(node, module, scope, frozenset())
    return None if path is None else _imported(path, module, _MOST_FILES)


def _imported(path: str, module: ModuleSyntax, files: int) -> Maker | None:
    """The maker that a dotted path leads to, through so many files of the project."""
    dots = len(path) - len(path.lstrip("."))
    head, _, name = path[dots:].rpartition(".")
    owner = path[:dots] + head
    if module.elsewhere is None or not files or not owner or owner.partition(".")[0] in _INSTALLED:
        return None
    other = module.elsewhere(owner)
    if other is None:
        return None
    again = other.imports.get(name)
    if again is not None:
        return None if "" not in again.scopes else _imported(_path_of_import(again), other, files - 1)
    return find_maker(ast.Name(name, ast.Load()), other)


def _of_value(value: ast.expr | None, module: ModuleSyntax) -> Maker | None:
    """Of a variable of the top level."""
    if not isinstance(value, ast.Call):
        return None
    if _is_partial(value, module, ""):
        return Maker(value, decorates=True, waits=True, passes_rest=True)
    if not value.args and is_kernel(value.func, module, ""):
        return Maker(value, decorates=True, waits=False)
    return None


def _of_function(name: str, module: ModuleSyntax) -> Maker | None:
    function = module.functions.get(name)
    if function is None or not isinstance(function.node, ast.FunctionDef):
        return None
    node, scope = function.node, f"{name}."
    returned = [statement.value for statement in node.body if isinstance(statement, ast.Return)]
    if len(returned) != 1:
        return None
    match returned[0]:
        case ast.Call(args=[]) as made if is_kernel(made.func, module, scope):
            found = Maker(made, decorates=False, waits=True)
        case ast.Call() as made if _is_partial(made, module, scope):
            found = Maker(made, decorates=False, waits=True)
        case ast.Lambda(args=ast.arguments(args=[first]), body=ast.Call() as made) if _is_of(made, first.arg, module, scope):
            found = Maker(made, decorates=False, waits=True)
        case ast.Name(id=inner) if (made := _made_inside(node, inner, module, scope)) is not None:
            found = Maker(made, decorates=False, waits=True)
        case ast.Call() as made if node.args.args and _is_of(made, node.args.args[0].arg, module, scope):
            found = Maker(made, decorates=True, waits=_may_lack_its_first(node))
        case _:
            return None
    return _with_parameters(found, node)


def _with_parameters(found: Maker, function: ast.FunctionDef) -> Maker:
    """What a function does with its parameters; what it hands on is not among the options that all kernels get."""
    arguments = function.args
    parameters = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    own = frozenset(parameters[1:] if found.decorates else parameters)
    rest = None if arguments.kwarg is None else arguments.kwarg.arg
    named = {k: k.value.id for k in found.made.keywords if isinstance(k.value, ast.Name)}
    forwarded = frozenset(k.arg for k, name in named.items() if k.arg is not None and k.arg == name and name in own)
    passes_rest = rest is not None and any(k.arg is None and name == rest for k, name in named.items())
    kept = [k for k in found.made.keywords if k.arg not in forwarded and not (k.arg is None and named.get(k) == rest)]
    made = ast.copy_location(ast.Call(found.made.func, found.made.args, kept), found.made)
    return replace(found, made=made, passes_rest=passes_rest, own=own, forwarded=forwarded)


def _may_lack_its_first(function: ast.FunctionDef) -> bool:
    """`def make(fn=None, **options)`, which gives a decorator for options alone."""
    arguments = function.args
    return len(arguments.defaults) == len(arguments.posonlyargs) + len(arguments.args)


def _made_inside(function: ast.FunctionDef, name: str, module: ModuleSyntax, scope: str) -> ast.Call | None:
    """The kernel that a function inside makes of its first parameter."""
    for inner in function.body:
        if isinstance(inner, ast.FunctionDef) and inner.name == name and inner.args.args:
            returned = [statement.value for statement in inner.body if isinstance(statement, ast.Return)]
            match returned:
                case [ast.Call() as made] if _is_of(made, inner.args.args[0].arg, module, f"{scope}{name}."):
                    return made
                case _:
                    return None
    return None


def _is_of(call: ast.Call, parameter: str, module: ModuleSyntax, scope: str) -> bool:
    """Whether it is `helion.kernel(parameter, ...)`."""
    match call.args:
        case [ast.Name(id=name)]:
            return name == parameter and is_kernel(call.func, module, scope)
        case _:
            return False


def _is_partial(node: ast.Call, module: ModuleSyntax, scope: str) -> bool:
    if _path_of(node.func, module, scope, frozenset()) != "functools.partial" or len(node.args) != 1:
        return False
    return is_kernel(node.args[0], module, scope)


def _names(module: ModuleSyntax, node: ast.expr) -> Iterator[str]:
    """The name that an expression is, unless the file gives it to several things."""
    if isinstance(node, ast.Name) and node.id not in module.rebound:
        yield node.id


def _path_of(node: ast.expr, module: ModuleSyntax, scope: str, seen: frozenset[str]) -> str | None:
    """The full name of what an expression names: `h.kernel` is `helion.kernel` after `import helion as h`."""
    if isinstance(node, ast.Attribute):
        owner = _path_of(node.value, module, scope, seen)
        return None if owner is None else f"{owner}.{node.attr}"
    if not isinstance(node, ast.Name) or node.id in seen:
        return None
    imported = module.imports.get(node.id)
    if imported is not None and scope.startswith(imported.scopes):
        return _path_of_import(imported)
    constant = module.constants.get(node.id)
    return None if constant is None else _path_of(constant, module, scope, seen | {node.id})


def _path_of_import(imported: ImportedName) -> str:
    """`.makers.kernel` of `from .makers import kernel`, `.makers` of `from . import makers`."""
    if imported.attribute is None:
        return imported.module
    return f"{imported.module}{'' if imported.module.endswith('.') else '.'}{imported.attribute}"
