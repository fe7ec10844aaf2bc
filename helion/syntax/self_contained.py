"""A kernel in, the text that it cannot do without out: its own, and what it names of its file and of the project's; nothing is run.

Files of the project that the kernel's file imports functions or constants from give their text; other imports stay imports.
"""

from __future__ import annotations

import ast
import builtins
import copy
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from helion.source import SourceFile
from helion.syntax.module_files import module_file
from helion.syntax.names import assigned_names, read_names
from helion.syntax.project_files import parsed_file
from helion.syntax.tree import KernelSyntax, ModuleSyntax

# What a script may import anywhere, also when the project at hand is theirs.
_INSTALLED = frozenset({"helion", "torch", "triton"})
_BUILTINS = frozenset(dir(builtins))
_Statement = ast.stmt | ast.expr


@dataclass(frozen=True)
class SelfContained:
    """`imports` are lines, `statements` texts in the order that Python needs, `kernel` the function without the helion decorator.

    `missing` are imports of the project's own that could not be taken along; they are among the imports too.
    """

    imports: tuple[str, ...]
    statements: tuple[str, ...]
    kernel: str
    missing: tuple[str, ...] = ()


def self_contained(kernel: KernelSyntax, named: Iterable[ast.AST] = ()) -> SelfContained:
    """`named` are expressions and functions beside the kernel that name things too."""
    found = _Found()
    bare = copy.copy(kernel.function.node)
    if isinstance(bare, ast.FunctionDef):
        bare.decorator_list = []
    wanted = free_names([bare, *named])
    found.take(kernel.module, wanted, leave_out=kernel.function.node)
    body = textwrap.dedent(_lines(kernel.file, kernel.function.node.lineno, kernel.function.node.end_lineno))
    imports = dict.fromkeys((*_futures(kernel.module), *found.imports))
    return SelfContained(tuple(imports), tuple(found.statements), body, tuple(found.missing))


@dataclass
class _Found:
    """What is collected while files are followed; `homes` says which file gives a name."""

    imports: dict[str, None] = field(default_factory=dict[str, None])
    statements: list[str] = field(default_factory=list[str])
    missing: list[str] = field(default_factory=list[str])
    homes: dict[str, str] = field(default_factory=dict[str, str])
    _visited: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def take(self, module: ModuleSyntax, wanted: Iterable[str], leave_out: ast.AST | None = None) -> None:
        """Every statement of a module that binds one of the names, or what those statements name in turn."""
        statements = [s for s in module.tree.body if s is not leave_out and not _is_main(s)]
        left = list(wanted)
        chosen: set[int] = set()
        while left:
            name = left.pop()
            if (module.file.path, name) in self._visited:
                continue
            self._visited.add((module.file.path, name))
            self.homes.setdefault(name, module.file.path)
            for number, statement in enumerate(statements):
                if name not in assigned_names([statement]):
                    continue
                if isinstance(statement, ast.Import | ast.ImportFrom):
                    self._import(module, statement, name)
                elif number not in chosen:
                    chosen.add(number)
                    left.extend(free_names([statement]))
        stars = [s for s in statements if isinstance(s, ast.ImportFrom) and any(a.name == "*" for a in s.names)]
        self.imports.update((ast.unparse(s), None) for s in stars)
        self.statements += [_text(module.file, statements[number]) for number in sorted(chosen)]

    def _import(self, module: ModuleSyntax, statement: ast.Import | ast.ImportFrom, name: str) -> None:
        """One name of an import statement: the project's text for it, or a line of its own."""
        (alias,) = [a for a in statement.names if (a.asname or a.name.split(".")[0]) == name][-1:]
        source = f"{'.' * statement.level}{statement.module or ''}" if isinstance(statement, ast.ImportFrom) else alias.name
        path = None if source.partition(".")[0] in _INSTALLED else module_file(module.file.path, source)
        other = None if path is None else parsed_file(path)
        line = ast.unparse(_with_alias(statement, alias))
        if path is None or other is None:
            self.imports[line] = None
            self.missing += [line] if path is not None or source.startswith(".") else []
        elif isinstance(statement, ast.ImportFrom) and self._takes(path, other, alias.name):
            self.take(other, [alias.name])
            self.statements += [f"{name} = {alias.name}"] if name != alias.name else []
        else:
            self.imports[line] = None
            self.missing.append(line)

    def _takes(self, path: Path, other: ModuleSyntax, name: str) -> bool:
        """Whether a file defines a name, and no other file has given that name yet."""
        return name in assigned_names(other.tree.body) and self.homes.get(name, str(path)) in (str(path), other.file.path)


def _with_alias(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    if isinstance(statement, ast.Import):
        return ast.Import(names=[alias])
    return ast.ImportFrom(module=statement.module, names=[alias], level=statement.level)


def _futures(module: ModuleSyntax) -> Iterator[str]:
    return (ast.unparse(s) for s in module.tree.body if isinstance(s, ast.ImportFrom) and s.module == "__future__")


def _is_main(statement: ast.stmt) -> bool:
    """`if __name__ == "__main__":`, of which nothing that is imported knows."""
    return isinstance(statement, ast.If) and "__name__" in read_names([statement.test])


def free_names(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """What statements and expressions name that is neither theirs nor Python's own."""
    return frozenset(name for node in nodes for name in read_names([node]) - _local_names(node)) - _BUILTINS


def _local_names(node: ast.AST) -> frozenset[str]:
    if not isinstance(node, ast.FunctionDef | ast.Lambda):
        return frozenset()
    body: list[_Statement] = list(node.body) if isinstance(node, ast.FunctionDef) else [node.body]
    parameters = node.args
    every = (*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs, parameters.vararg, parameters.kwarg)
    return frozenset((*assigned_names(body), *(a.arg for a in every if a is not None)))


def _text(file: SourceFile, statement: ast.stmt) -> str:
    decorators = statement.decorator_list if isinstance(statement, ast.FunctionDef | ast.ClassDef) else []
    first = min([statement.lineno, *(d.lineno for d in decorators)])
    return _lines(file, first, statement.end_lineno)


def _lines(file: SourceFile, first: int, last: int | None) -> str:
    """Lines as they were written, also where the tree is of a repaired text; counted from 1."""
    return "\n".join(file.line_text(number) for number in range(first - 1, last or first))
