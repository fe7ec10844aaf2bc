"""The node classes of the typed tree: about twenty, all frozen, each with a span; what a kernel means, desugared once.

Unrolled code appears once per copy with the same spans. Operators, methods and subscripts are `Call`s already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from helion.diagnostics.diagnostic import Diagnostic
from helion.settings import CodeOptions
from helion.source import SourceFile, Span
from helion.types.dims import Assumption, Dim
from helion.types.types import Axis, Block, DimOrigin, Region, Tunable, Type


@dataclass(frozen=True)
class Expr:
    """Every expression: its type and its place."""

    type: Type
    span: Span


@dataclass(frozen=True)
class Constant(Expr):
    """A value fixed at check time: literals, folded arithmetic on them, dtypes, None. The value is in the type or in `value`."""

    value: Any = None


@dataclass(frozen=True)
class Name(Expr):
    """A read of a local: `region` says whose variable it is (a host variable may be read on the device, not the reverse)."""

    name: str
    region: Region


@dataclass(frozen=True)
class Captured(Expr):
    """A tensor or number reached through a module global or a closure; `path` is Python that yields it from the kernel function's
    globals or from an argument's closure, evaluated at every call (`epilogue.__closure__[0].cell_contents`)."""

    path: str


@dataclass(frozen=True)
class Call(Expr):
    """`target` is an op's stub, a torch function or an `operator` function; arguments as bound, in order."""

    target: Callable[..., Any]
    args: tuple[Expr, ...] = ()
    kwargs: tuple[tuple[str, Expr], ...] = ()


@dataclass(frozen=True)
class Sequence(Expr):
    """A tuple or list display, or an unpacked known sequence."""

    items: tuple[Expr, ...]


@dataclass(frozen=True)
class Slice(Expr):
    """`lower:upper:step` in a subscript; None where left out."""

    lower: Expr | None
    upper: Expr | None
    step: Expr | None


@dataclass(frozen=True)
class Item(Expr):
    """Element `index` of an expression that gives a sequence (a multi-result op)."""

    sequence: Expr
    index: int


@dataclass(frozen=True)
class Select(Expr):
    """A conditional expression on the device."""

    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True)
class Function(Expr):
    """A function given to an op, traced for one element: it reads nothing but its parameters and constants."""

    name: str
    parameters: tuple[Binding, ...]
    body: tuple[Stmt, ...]
    result: Expr


@dataclass(frozen=True)
class HostValue(Expr):
    """An expression evaluated by the host, as Python text; `parts` are its typed sub-expressions, for the editor only."""

    text: str
    parts: tuple[Expr, ...] = ()


@dataclass(frozen=True)
class Poison(Expr):
    """Stood in for an expression that had an error; its type is Unknown."""

    parts: tuple[Expr, ...] = ()


@dataclass(frozen=True)
class Stmt:
    span: Span


@dataclass(frozen=True)
class Binding:
    """One name given a type at one place: `span` is the name's."""

    name: str
    type: Type
    span: Span
    region: Region


@dataclass(frozen=True)
class Assign(Stmt):
    """Device assignment of one value to one name (unpacking is several of these over `Item`s)."""

    target: Binding
    value: Expr


@dataclass(frozen=True)
class Evaluate(Stmt):
    """An expression for its effect on the device: a store, an atomic, a print."""

    value: Expr


@dataclass(frozen=True)
class Loop(Stmt):
    """A `hl.tile` or `hl.grid` loop. At the top level it is a grid loop; nested it runs in order inside one program.

    `lane_ends` are, by axis of a jagged loop, the tensor of where each lane ends; the axis' end is its largest.
    `begins` and `ends` match `axes`; a None begin is 0. `carried` are the device names the body rebinds that existed before;
    `targets` are the names bound to the axes' tiles or indices.
    """

    axes: tuple[Axis, ...]
    begins: tuple[Expr | None, ...]
    ends: tuple[Expr, ...]
    steps: tuple[Expr | None, ...]
    targets: tuple[Binding, ...]
    body: tuple[Stmt, ...]
    carried: tuple[Binding, ...]
    is_grid: bool
    lane_ends: tuple[Expr | None, ...] = ()


@dataclass(frozen=True)
class If(Stmt):
    """A branch decided at run time on the device. `merged` are the names defined after it, with their joined types."""

    condition: Expr
    then: tuple[Stmt, ...]
    otherwise: tuple[Stmt, ...]
    merged: tuple[Binding, ...]


@dataclass(frozen=True)
class While(Stmt):
    """`first` are the statements of functions that the condition calls: run with it, before every round."""

    condition: Expr
    body: tuple[Stmt, ...]
    carried: tuple[Binding, ...]
    first: tuple[Stmt, ...] = ()


@dataclass(frozen=True)
class Barrier(Stmt):
    """`hl.barrier()` between grid loops: all of the loops before it are done, everywhere, before one after it begins."""


@dataclass(frozen=True)
class HostStatement(Stmt):
    """A statement the host runs, kept as Python text (dedented); `values` are its typed expressions, for the editor. Of the names in
    `bindings`, which blocks and called functions bind as well, those in `assigned` are bound whenever it runs."""

    text: str
    values: tuple[Expr, ...]
    bindings: tuple[Binding, ...]
    assigned: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """One parameter: `evidence` says in words where its type comes from."""

    binding: Binding
    evidence: str
    default: str | None = None


def expressions_in(body: Iterable[Stmt]) -> list[Expr]:
    """Every expression of some statements, outer before inner."""
    found: list[Expr] = []
    for statement in body:
        _add_statement(statement, found)
    return found


def _add_statement(statement: Stmt, found: list[Expr]) -> None:
    """Lists are filled, not generators chained: a kernel is walked many times for each key that somebody presses."""
    match statement:
        case HostStatement(values=values):
            _add_expressions(values, found)
        case Assign(value=value) | Evaluate(value=value):
            _add_expressions((value,), found)
        case Loop(begins=begins, ends=ends, steps=steps, lane_ends=lane_ends, body=body):
            _add_expressions([bound for bound in (*begins, *ends, *steps, *lane_ends) if bound is not None], found)
            for inner in body:
                _add_statement(inner, found)
        case If(condition=condition, then=then, otherwise=otherwise):
            _add_expressions((condition,), found)
            for inner in (*then, *otherwise):
                _add_statement(inner, found)
        case While(condition=condition, body=body, first=first):
            _add_expressions((condition,), found)
            for inner in (*first, *body):
                _add_statement(inner, found)
        case _:
            pass


def _add_expressions(expressions: Iterable[Expr], found: list[Expr]) -> None:
    for expr in expressions:
        found.append(expr)
        if isinstance(expr, Name | Constant):
            continue
        if isinstance(expr, Function):
            for inner in expr.body:
                _add_statement(inner, found)
        _add_expressions(children(expr), found)


def children(expr: Expr) -> tuple[Expr, ...]:
    """The direct sub-expressions."""
    match expr:
        case Call(args=args, kwargs=kwargs):
            return (*args, *(value for _, value in kwargs))
        case Sequence(items=items):
            return items
        case Slice(lower=lower, upper=upper, step=step):
            return tuple(part for part in (lower, upper, step) if part is not None)
        case Item(sequence=sequence):
            return (sequence,)
        case Select(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Function(result=result):
            return (result,)
        case HostValue(parts=parts) | Poison(parts=parts):
            return parts
        case _:
            return ()


@dataclass(frozen=True)
class TypedKernel:
    """One checked kernel. `body` mixes HostStatements, grid Loops and Barriers in source order.

    `assumptions` became guards (JIT) or `requires` hints (editor), and are among the `equalities` of sizes that were learned;
    `specialized` are host expressions baked in by `hl.specialize`. `asides` are expressions of the source that the tree does not hold,
    for queries only: callees, iterators, folded conditions.
    """

    file: SourceFile
    name: str
    span: Span
    name_span: Span
    parameters: tuple[Parameter, ...]
    body: tuple[Stmt, ...]
    diagnostics: tuple[Diagnostic, ...]
    blocks: tuple[Block, ...]
    axes: tuple[Axis, ...]
    assumptions: tuple[Assumption, ...]
    specialized: tuple[tuple[str, Dim], ...]
    dim_origins: Mapping[Any, DimOrigin] = field(default_factory=dict[Any, DimOrigin])
    hints: Mapping[Any, int] = field(default_factory=dict[Any, int])
    static_shapes: bool = True
    index_bits: int = 32
    options: CodeOptions = field(default_factory=CodeOptions)
    asides: tuple[Expr, ...] = ()
    tunables: tuple[Tunable, ...] = ()
    equalities: tuple[Assumption, ...] = ()

    @property
    def has_errors(self) -> bool:
        return any(d.severity.value == "error" for d in self.diagnostics)

    @cached_property
    def expressions(self) -> tuple[Expr, ...]:
        """Every expression of the tree: an editor goes over them a dozen times a key."""
        return tuple(expressions_in(self.body))
