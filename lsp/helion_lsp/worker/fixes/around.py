"""A place in a kernel in, the syntax around it and the types that were found there out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy

from helion.source import Span
from helion.syntax.tree import KernelSyntax, span_of
from helion.typed_kernel import tree
from helion.typed_kernel.queries import bindings, expressions
from helion.types.dims import Dim, dim_text
from helion.types.dtypes import short_name
from helion.types.types import Region, TensorType, Type

_LOOPS = ("tile", "jagged_tile", "grid")
_LARGER = ast.FunctionDef | ast.ClassDef | ast.JoinedStr  # decorators stand before them; Python 3.11 misplaces what is in f-strings


@dataclass(frozen=True)
class Around:
    """A checked kernel, looked at by places of its text."""

    kernel: KernelSyntax
    typed: tree.TypedKernel

    def text(self, node: ast.expr | ast.stmt) -> str:
        return self.kernel.file.text_of(self.span(node))

    def span(self, node: ast.expr | ast.stmt) -> Span:
        return span_of(self.kernel.file, node)

    @cached_property
    def _types(self) -> dict[Span, Type]:
        return {e.span: e.type for e in expressions(self.typed)} | {b.span: b.type for b in bindings(self.typed)}

    def type_of(self, span: Span) -> Type | None:
        """What a place holds, if something was found of it."""
        return self._types.get(span)

    def tensor(self, span: Span) -> TensorType | None:
        """The tensor that a place holds, if it does."""
        found = self.type_of(span)
        return found if isinstance(found, TensorType) else None

    def enclosing(self, span: Span) -> list[ast.expr | ast.stmt]:
        """The nodes of the kernel that hold a place, the innermost first."""
        holding = [(found.end - found.start, n) for found, n in self._holding(self.kernel.function.node, span)]
        return [n for _, n in sorted(holding, key=lambda found: found[0])]

    def _holding(self, node: ast.AST, span: Span) -> Iterator[tuple[Span, ast.expr | ast.stmt]]:
        """What does not hold the place is not looked into: most of a kernel."""
        is_placed = isinstance(node, ast.expr | ast.stmt)
        found = self.span(node) if is_placed else span
        if found.encloses(span):
            if is_placed:
                yield found, node
        elif not isinstance(node, _LARGER):
            return
        for child in ast.iter_child_nodes(node):
            yield from self._holding(child, span)

    def tiles(self, span: Span) -> list[str]:
        """The names of the device loops around a place, the outermost first."""
        found: list[str] = []
        for node in reversed(self.enclosing(span)):
            if isinstance(node, ast.For) and isinstance(node.iter, ast.Call) and self.text(node.iter.func).rpartition(".")[2] in _LOOPS:
                found += [n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)]
        return found

    def language(self) -> str:
        """What the file calls `helion.language`."""
        return self._imported("helion.language", "hl")

    def torch(self) -> str:
        """What the file calls `torch`."""
        return self._imported("torch", "torch")

    def _imported(self, module: str, usual: str) -> str:
        imports = self.kernel.module.imports.items()
        return next((name for name, i in imports if f"{i.module}.{i.attribute or ''}".rstrip(".") == module), usual)

    def host_size(self, size: Dim | None) -> str | None:
        """The Python of the host for a size; None for one that only the device knows."""
        if size is None:
            return None
        texts: dict[Any, Any] = {}
        for symbol in size.free_symbols:
            origin = self.typed.dim_origins.get(symbol)
            text = str(symbol) if str(symbol) in self.host_names() else None if origin is None else origin.host_expression
            if text is None:
                return None
            texts[symbol] = sympy.Symbol(text)
        return dim_text(size.xreplace(texts))

    def host_names(self) -> frozenset[str]:
        """The names that the host part of the kernel binds, its parameters among them."""
        host = (b.name for b in bindings(self.typed) if b.region is Region.HOST)
        return frozenset((*host, *(p.binding.name for p in self.typed.parameters)))

    def host_types(self, name: str) -> list[Type]:
        """What a name of the host is, wherever it is bound."""
        named = (*bindings(self.typed), *(p.binding for p in self.typed.parameters))
        return [b.type for b in named if b.name == name and b.region is Region.HOST]

    def host_tensors(self, loop: ast.For) -> Iterator[str]:
        """The names of tensors that the host has before a loop: first those that the loop reads."""
        names = {p.binding.name: p.binding.span for p in self.typed.parameters}
        read = [n.id for n in ast.walk(loop) if isinstance(n, ast.Name) and n.id in names]
        yield from (name for name in dict.fromkeys((*read, *names)) if self.tensor(names[name]) is not None)

    def outermost_loop(self, node: ast.stmt) -> ast.stmt:
        """The statement of the kernel's own body that holds a loop, or is it."""
        span = self.span(node)
        return next((n for n in self.host_statements() if self.span(n).encloses(span)), node)

    def host_statements(self) -> list[ast.stmt]:
        """The statements of the kernel's own body."""
        body = self.kernel.function.node.body
        return list(body) if isinstance(body, list) else []

    @staticmethod
    def is_bool(tensor: TensorType) -> bool:
        return tensor.dtype is not None and short_name(tensor.dtype) == "bool"

    def assignments(self, name: str) -> Iterator[ast.Assign]:
        """Where a name alone is assigned."""
        for node in ast.walk(self.kernel.function.node):
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                target = node.targets[0]
                if isinstance(target, ast.Name) and target.id == name:
                    yield node

    def indent(self, node: ast.stmt) -> str | None:
        """The blanks before a statement; None where another one stands before it on its line."""
        start = self.span(node).start
        before = self.kernel.file.text_of(Span(self.line_start(start), start))
        return None if before.strip() else before

    @staticmethod
    def deeper(indent: str) -> str:
        """One level more, as the file has it."""
        return "\t" if indent.startswith("\t") else "    "

    @staticmethod
    def assigns(node: ast.Assign | ast.AnnAssign, name: str) -> bool:
        """Whether a name alone is assigned."""
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return len(targets) == 1 and isinstance(targets[0], ast.Name) and targets[0].id == name

    def line_start(self, offset: int) -> int:
        return self.kernel.file.line_starts[self.kernel.file.position(offset).line]

    def ending(self) -> str:
        return "\r\n" if "\r\n" in self.kernel.file.text else "\n"
