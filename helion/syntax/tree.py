"""What parsing yields: a module's kernels, functions, imports and constants over `ast`, with what could not be parsed."""

from __future__ import annotations

import ast
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from helion.diagnostics.diagnostic import Diagnostic
from helion.source import SourceFile, Span
from helion.syntax.names import every_assigned_name
from helion.syntax.stale_names import stale_names
from helion.syntax.top_level import calls_in

Positioned = ast.expr | ast.stmt | ast.arg | ast.keyword | ast.alias | ast.excepthandler

Scope = ast.Module | ast.FunctionDef

# Methods of mappings and lists that change them.
_CHANGES = frozenset(
    ("update", "setdefault", "pop", "popitem", "clear", "append", "extend", "insert", "remove", "sort", "reverse", "__setitem__")
)
_WORD = re.compile(r"[^\W\d]\w*")


def span_of(file: SourceFile, node: Positioned) -> Span:
    """The span of an `ast` node that has a position."""
    assert node.end_lineno is not None and node.end_col_offset is not None, "the parser sets both"
    start = file.offset_of_utf8_column(node.lineno, node.col_offset)
    return Span(start, file.offset_of_utf8_column(node.end_lineno, node.end_col_offset))


def own_nodes(scope: Scope) -> Iterator[ast.AST]:
    """Everything in a scope but the functions and classes defined in it, outer before inner."""
    waiting = deque[ast.AST](scope.body)
    while waiting:
        node = waiting.popleft()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))


@dataclass(frozen=True)
class FunctionSyntax:
    """A `def` or a `lambda`; `name_span` is the name after `def` (the whole lambda otherwise)."""

    file: SourceFile
    name: str
    node: ast.FunctionDef | ast.Lambda
    span: Span
    name_span: Span


@dataclass(frozen=True)
class DecoratorSyntax:
    """The helion decorator: `call` is None for a bare `@helion.kernel`.

    `shared` is a call with options that several kernels get: `mine = partial(helion.kernel, ...)`; it may stand in another file of the
    project. Where `is_fixed` it takes none itself.
    """

    span: Span
    call: ast.Call | None
    shared: ast.Call | None = None
    is_fixed: bool = False

    @property
    def keywords(self) -> Mapping[str, ast.expr]:
        return {} if self.call is None else {k.arg: k.value for k in self.call.keywords if k.arg is not None}


@dataclass(frozen=True)
class KernelSyntax:
    """A function decorated with `helion.kernel` (or `helion.jit`, `helion.aot_kernel`), under any import alias; `qualname` like
    `Class.method`.

    Of one that a call makes of a function, `fast = helion.kernel(f)`, the names are the variable's, `assigned` is where that stands, and
    the decorator is the call.
    """

    file: SourceFile
    name: str
    qualname: str
    function: FunctionSyntax
    decorator: DecoratorSyntax | None
    module: ModuleSyntax = field(repr=False, compare=False)
    assigned: Span | None = None

    @property
    def name_span(self) -> Span:
        """Where the kernel gets its name."""
        return self.function.name_span if self.assigned is None else self.assigned

    @property
    def parts(self) -> tuple[Span, ...]:
        """Where the kernel stands: the function with the decorator, or the function and the call that makes a kernel of it."""
        if self.decorator is None:
            return (self.function.span,)
        if self.assigned is None:
            return (Span(self.decorator.span.start, self.function.span.end),)
        return (self.function.span, Span(self.assigned.start, self.decorator.span.end))

    @property
    def keywords(self) -> Mapping[str, ast.expr]:
        """What the decorator is called with; nothing without one."""
        return {} if self.decorator is None else self.decorator.keywords

    @property
    def imports(self) -> Mapping[str, ImportedName]:
        """The names that imports bind where the kernel stands."""
        return {name: imported for name, imported in self.module.imports.items() if self.qualname.startswith(imported.scopes)}

    @cached_property
    def repairs(self) -> tuple[Repair, ...]:
        """The repairs inside the kernel."""
        return tuple(repair for repair in self.module.repairs if self.function.span.encloses(repair.span))

    def is_certain(self, span: Span) -> bool:
        """Whether the tree says what the text does at a place of the kernel, so that it may be judged."""
        return not any(
            (repair.span.start < span.end and span.start < repair.span.end)
            or (repair.span.start < span.end and (not repair.certain or self._names_stale_name(span)))
            for repair in self.repairs
        )

    def _names_stale_name(self, span: Span) -> bool:
        return bool(self._stale_names) and not self._stale_names.isdisjoint(_WORD.findall(self.file.text_of(span)))

    @cached_property
    def _stale_names(self) -> frozenset[str]:
        return stale_names(self.function.node, (self.file.text_of(repair.span) for repair in self.repairs))


@dataclass(frozen=True)
class ImportedName:
    """A name bound by an import: `module`, with leading dots where it is relative, and, for `from m import attribute`, `attribute`.
    `scopes` are where it stands: nothing for the file's top level, `make.` in the function `make`."""

    module: str
    attribute: str | None
    span: Span
    scopes: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class Repair:
    """A statement that was replaced to let the rest parse. Unless `certain`, what stands around it may mean something else now."""

    span: Span
    certain: bool


@dataclass
class ModuleSyntax:
    """One parsed file; written once by `parse_module`.

    `imports` are those of its top level, and of functions and classes that functions are defined in as far as no other import binds the
    name. `wrapped` are the kernels that calls make. `elsewhere` gives the outline of a module of the project by the name that an import
    here has for it, None where imports are not followed. `repairs` are where the tree is not what the text says; `diagnostics` says what
    was wrong there.
    """

    file: SourceFile
    tree: ast.Module
    kernels: tuple[KernelSyntax, ...] = ()
    wrapped: tuple[KernelSyntax, ...] = ()
    functions: Mapping[str, FunctionSyntax] = field(default_factory=dict[str, FunctionSyntax])
    imports: Mapping[str, ImportedName] = field(default_factory=dict[str, ImportedName])
    constants: Mapping[str, ast.expr] = field(default_factory=dict[str, ast.expr])
    diagnostics: tuple[Diagnostic, ...] = ()
    repairs: tuple[Repair, ...] = ()
    elsewhere: Callable[[str], ModuleSyntax | None] | None = field(default=None, repr=False, compare=False)

    @property
    def every_kernel(self) -> tuple[KernelSyntax, ...]:
        """The decorated ones, then those that calls make."""
        return (*self.kernels, *self.wrapped)

    @cached_property
    def kernels_by_name(self) -> Mapping[str, tuple[KernelSyntax, ...]]:
        """By qualified names, which several may share, as in the branches of an `if`."""
        found: dict[str, tuple[KernelSyntax, ...]] = {}
        for kernel in self.every_kernel:
            found[kernel.qualname] = (*found.get(kernel.qualname, ()), kernel)
        return found

    @cached_property
    def declared_global(self) -> tuple[str, ...]:
        """The names that functions declare `global`, each as often as they do."""
        if "global" not in self.file.text:
            return ()
        return tuple(name for node in ast.walk(self.tree) if isinstance(node, ast.Global) for name in node.names)

    @cached_property
    def rebound(self) -> frozenset[str]:
        """The names that the module's own statements, or functions that declare them `global`, assign in more than one place."""
        counts = Counter((*every_assigned_name(self.tree.body), *self.declared_global))
        return frozenset(name for name, count in counts.items() if count > 1)

    @cached_property
    def unsettled(self) -> frozenset[str]:
        """The names of which the text does not say what they hold: bound in more than one place, in whatever scope, or changed in place."""
        counts = Counter[str]()
        changed = set[str]()
        for node in ast.walk(self.tree):
            match node:
                case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                    counts[name] += 1
                case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                    changed.add(name)
                case ast.Attribute(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                    changed.add(name)
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attribute)) if attribute in _CHANGES:
                    changed.add(name)
                case _:
                    pass
        return frozenset(changed | {name for name, count in counts.items() if count > 1})

    @cached_property
    def calls_by_name(self) -> Mapping[str, tuple[tuple[Scope, ast.Call], ...]]:
        """The calls that name something, as what is called or as an argument, with the function, or the module, that each stands in."""
        found: dict[str, list[tuple[Scope, ast.Call]]] = {}
        calls = [call for statement in self.tree.body for call in calls_in(statement)]
        for function, call, names in sorted(calls, key=lambda found: found[0] is not None):
            for name in names:
                found.setdefault(name, []).append((self.tree if function is None else function, call))
        return {name: tuple(calls) for name, calls in found.items()}

    @cached_property
    def lost_names(self) -> frozenset[str]:
        """Every word of the text that was replaced: what it would have defined is not known to be undefined."""
        return frozenset(word for repair in self.repairs for word in _WORD.findall(self.file.text_of(repair.span)))
