"""A kernel in, how its file writes `helion.Config(...)` there out: by a name that surely holds it when the decorator runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from helion.source import SourceFile, Span
from helion.syntax.names import nodes_of
from helion.syntax.tree import KernelSyntax, span_of
from helion_codemods.config_text import Spelling

_FIRST_NAME = re.compile(r"[\s(\\]*([^\W\d]\w*)")


def config_spelling(kernel: KernelSyntax) -> Spelling:
    """By the names that the file imports, else as a dict. A name is passed over that something else binds as well, that is imported
    behind the kernel, or for type checkers alone: the file would not import any more."""
    nodes = nodes_of(kernel.module.tree)
    taken = {name for node in nodes for name in _bound_by_others(node)}
    unseen = [*_for_type_checkers(kernel.file, nodes), Span(_start(kernel), len(kernel.file.text))]
    imports = {
        name: imported
        for name, imported in kernel.imports.items()
        if name not in taken and not any(span.encloses(imported.span) for span in unseen)
    }
    for name, imported in imports.items():
        if imported.attribute == "Config" and _is_ours(imported.module):
            return Spelling(f"{name}(")
    called = _FIRST_NAME.match(kernel.file.text, _start(kernel))
    # What the decorator itself begins with is there, whatever else binds the name.
    known = imports if called is None else {**imports, **{n: i for n, i in kernel.imports.items() if n == called[1]}}
    for name, imported in known.items():
        if (imported.module, imported.attribute) == ("helion", None):
            return Spelling(f"{name}.Config(")
    return Spelling("dict(") if "dict" not in taken and "dict" not in kernel.imports else Spelling("{", "}")


def _start(kernel: KernelSyntax) -> int:
    assert kernel.decorator is not None, "kernels of a text have one"
    return kernel.decorator.span.start


def _is_ours(module: str) -> bool:
    return module.split(".")[0] == "helion"


def _bound_by_others(node: ast.AST) -> Iterator[str]:
    """The names that a node binds, in whatever scope it stands, unless it imports them from this package."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
            yield name
        case ast.MatchMapping(rest=str() as name):
            yield name
        case ast.ImportFrom(module=module, level=level, names=names) if level or not _is_ours(module or ""):
            yield from (alias.asname or alias.name for alias in names)
        case ast.Import(names=names):
            yield from (alias.asname or alias.name.split(".")[0] for alias in names if not _is_ours(alias.name))
        case _:
            pass


def _for_type_checkers(file: SourceFile, nodes: Iterable[ast.AST]) -> Iterator[Span]:
    """The bodies of `if TYPE_CHECKING:`, which never run."""
    for node in nodes:
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), body=body):
                yield Span(span_of(file, body[0]).start, span_of(file, body[-1]).end)
            case _:
                pass
