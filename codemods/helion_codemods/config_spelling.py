"""A kernel in, how its file writes `helion.Config(...)` there out: by a name that surely holds it when the decorator runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from helion.source import Span
from helion.syntax.tree import ImportedName, KernelSyntax, span_of
from helion_codemods.config_text import Spelling

_FIRST_NAME = re.compile(r"[\s(\\]*([^\W\d]\w*)")


def config_spelling(kernel: KernelSyntax) -> Spelling:
    """By the names that the file imports, else as a dict. A name is passed over that something else binds as well, that is imported
    behind the kernel, or for type checkers alone: the file would not import any more."""
    imports = kernel.imports
    for name, imported in imports.items():
        if imported.attribute == "Config" and _is_ours(imported.module) and _surely_holds(kernel, name, imported):
            return Spelling(f"{name}(")
    packages = {name: imported for name, imported in imports.items() if (imported.module, imported.attribute) == ("helion", None)}
    called = _FIRST_NAME.match(kernel.file.text, _start(kernel))
    if called is not None and called[1] in packages:  # it is there, whatever else binds the name
        return Spelling(f"{called[1]}.Config(")
    for name, imported in packages.items():
        if _surely_holds(kernel, name, imported):
            return Spelling(f"{name}.Config(")
    return Spelling("{", "}") if "dict" in imports or _is_bound(kernel, "dict") else Spelling("dict(")


def _start(kernel: KernelSyntax) -> int:
    assert kernel.decorator is not None, "kernels of a text have one"
    return kernel.decorator.span.start


def _is_ours(module: str) -> bool:
    return module.split(".")[0] == "helion"


def _surely_holds(kernel: KernelSyntax, name: str, imported: ImportedName) -> bool:
    is_seen = imported.span.end <= _start(kernel) and not any(span.encloses(imported.span) for span in _for_type_checkers(kernel))
    return is_seen and not _is_bound(kernel, name)


def _is_bound(kernel: KernelSyntax, name: str) -> bool:
    """Whether anything but an import of this package binds a name, in whatever scope."""
    return any(name in _bound(node) for node in _nodes_with(kernel, name))


def _nodes_with(kernel: KernelSyntax, word: str) -> Iterator[ast.AST]:
    """Those of top-level statements that have a word in them: of a long file nearly all have not."""
    file = kernel.file
    for statement in kernel.module.tree.body:
        if word in file.text_of(span_of(file, statement)):
            yield from ast.walk(statement)


def _bound(node: ast.AST) -> Iterator[str]:
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


def _for_type_checkers(kernel: KernelSyntax) -> Iterator[Span]:
    """The bodies of `if TYPE_CHECKING:`, which never run."""
    for node in _nodes_with(kernel, "TYPE_CHECKING"):
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), body=body):
                yield Span(span_of(kernel.file, body[0]).start, span_of(kernel.file, body[-1]).end)
            case _:
                pass
