"""Triton that users wrote, as text and as functions in, definitions for the generated module out; knows no kernel."""

from __future__ import annotations

import ast
import hashlib
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from helion.syntax.tree import FunctionSyntax
from helion.types.dims import constant
from helion.types.types import ConstantType, DtypeType, FunctionType, ModuleType, NumberType, Type, UserFunctionType

# Two functions of one name may be called: a digest of the text keeps them apart, and lets one that is called twice be written once.
_PREFIX = "_helion_fn_"
_DIGITS = 6
_ALWAYS_IMPORTED = frozenset({("triton", "triton"), ("triton.language", "tl"), ("torch", "torch"), ("math", "math")})


class NotTriton(Exception):
    """The text is not what is needed; the message says why."""


@dataclass(frozen=True)
class InlineCode:
    """Statements, then the expression that is their result (None where nothing is asked for)."""

    statements: str
    result: ast.expr | None


def inline_code(source: str, names: dict[str, str] | tuple[str, ...], *, has_result: bool) -> InlineCode:
    """The source with `names` in its placeholders. Raises NotTriton."""
    dedented = textwrap.dedent(source).strip()
    try:
        text = dedented.format(**names) if isinstance(names, dict) else dedented.format(*names)
        body = ast.parse(text).body
    except KeyError as missing:
        raise NotTriton(f"the source has a placeholder {{{str(missing).strip(chr(39))}}} that args do not fill") from missing
    except IndexError as missing:
        raise NotTriton(f"the source has more placeholders than the {len(names)} that args fill") from missing
    except (SyntaxError, ValueError) as problem:
        raise NotTriton(f"the source is not Python: {problem}") from problem
    if not has_result:
        return InlineCode(text, None)
    if not body or not isinstance(body[-1], ast.Expr):
        raise NotTriton("the last statement must be an expression, which is the result")
    return InlineCode("\n".join(ast.unparse(statement) for statement in body[:-1]), body[-1].value)


def definition_in(source: str) -> ast.FunctionDef:
    """The only function of a source text. Raises NotTriton."""
    try:
        body = ast.parse(textwrap.dedent(source)).body
    except SyntaxError as problem:
        raise NotTriton(f"the source is not Python: {problem}") from problem
    functions = [statement for statement in body if isinstance(statement, ast.FunctionDef)]
    if len(functions) != 1 or len(body) != 1:
        raise NotTriton(f"the source must define exactly one function, and nothing else; it has {len(body)} statements")
    return functions[0]


@dataclass
class Definitions:
    """The functions that one call needs, callees first, each a `@triton.jit` function under a name that the generated module has free;
    `imports` are those of modules and functions that they read."""

    functions: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    imports: list[str] = field(default_factory=list[str])
    _names: dict[str, str] = field(default_factory=dict[str, str])
    _open: list[str] = field(default_factory=list[str])

    def add_text(self, source: str) -> str:
        """Define the function of a source text; the result is its name."""
        return self._define(definition_in(source), {})

    def add(self, function: UserFunctionType) -> str:
        """Define a function and what it calls; the result is its name."""
        syntax: FunctionSyntax = function.syntax
        node = syntax.node
        if not isinstance(node, ast.FunctionDef):
            raise NotTriton("a lambda is no Triton function")
        key = f"{syntax.file.path}:{node.lineno}"
        if key in self._open:
            raise NotTriton(f"`{node.name}` calls itself")
        if key not in self._names:
            self._open.append(key)
            self._names[key] = self._define(node, self._meanings(node, function.names))
            self._open.pop()
        return self._names[key]

    def _meanings(self, node: ast.FunctionDef, names: Any) -> dict[str, ast.expr]:
        """What the free names of a function are replaced by."""
        found: dict[str, ast.expr] = {}
        for name in dict.fromkeys(_free_names(node)):
            type_ = names.resolve(name)
            replaced = None if type_ is None else self._meaning(name, type_)
            if replaced is not None:
                found[name] = replaced
        return found

    def _meaning(self, name: str, type_: Type) -> ast.expr | None:
        match type_:
            case UserFunctionType():
                return ast.Name(self.add(type_), ast.Load())
            case NumberType(value=bool() | float() as value) | ConstantType(value=bool() | str() | None as value):
                return ast.Constant(value)
            case NumberType() if (value := constant(type_.as_dim)) is not None:
                return ast.Constant(value)
            case ModuleType(name=module):
                if (module, name) not in _ALWAYS_IMPORTED:
                    self.imports.append(f"import {module} as {name}")
            case FunctionType(function=function):
                module = getattr(function, "__module__", None)
                if module is not None and module != "builtins":
                    self.imports.append(f"from {module} import {getattr(function, '__name__', name)} as {name}")
            case DtypeType():
                raise NotTriton(f"`{name}` is a torch dtype, which Triton does not know")
            case _:
                pass
        return None

    def _define(self, node: ast.FunctionDef, meanings: dict[str, ast.expr]) -> str:
        own = {argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
        copy = _Renamed({name: value for name, value in meanings.items() if name not in own}).visit(ast.parse(ast.unparse(node)).body[0])
        assert isinstance(copy, ast.FunctionDef)
        digest = hashlib.sha256(ast.unparse(copy).encode()).hexdigest()[:_DIGITS]
        copy.name = f"{_PREFIX}{node.name}_{digest}"
        copy.decorator_list = [ast.Attribute(ast.Name("triton", ast.Load()), "jit", ast.Load())]
        self.functions.append(tuple(ast.unparse(ast.fix_missing_locations(copy)).splitlines()))
        return copy.name

    def lines(self) -> Iterator[tuple[str, ...]]:
        """The imports, then each function: pieces of text for module scope."""
        yield from ((line,) for line in dict.fromkeys(self.imports))
        yield from self.functions


class _Renamed(ast.NodeTransformer):
    """Puts expressions in the place of free names."""

    def __init__(self, meanings: dict[str, ast.expr]) -> None:
        self._meanings = meanings

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._meanings.get(node.id, node) if isinstance(node.ctx, ast.Load) else node


def _free_names(node: ast.FunctionDef) -> Iterator[str]:
    """Names that a function reads and does not bind, annotations left out."""
    bound = {argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
    bound |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for statement in node.body:
        for inner in ast.walk(statement):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load) and inner.id not in bound:
                yield inner.id
