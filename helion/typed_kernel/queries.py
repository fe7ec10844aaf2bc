"""Questions about a typed kernel: what stands at an offset, every expression and binding, where a name is defined and used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from helion.source import Span
from helion.typed_kernel import tree


def walk(kernel: tree.TypedKernel) -> Iterator[tree.Expr]:
    """Every expression of the tree, outer before inner."""
    return walk_body(kernel.body)


def walk_body(body: Iterable[tree.Stmt]) -> Iterator[tree.Expr]:
    """Every expression of some statements, outer before inner."""
    found: list[tree.Expr] = []
    for statement in body:
        _add_statement(statement, found)
    return iter(found)


def expressions(kernel: tree.TypedKernel) -> Iterator[tree.Expr]:
    """Every expression of the source: the tree's, then callees, iterators, folded conditions and branches that were left out."""
    yield from walk(kernel)
    yield from kernel.asides


def _add_statement(statement: tree.Stmt, found: list[tree.Expr]) -> None:
    """Lists are filled, not generators chained: a kernel is walked many times for each key that somebody presses."""
    match statement:
        case tree.HostStatement(values=values):
            _add_expressions(values, found)
        case tree.Assign(value=value) | tree.Evaluate(value=value):
            _add_expressions((value,), found)
        case tree.Loop(begins=begins, ends=ends, steps=steps, lane_ends=lane_ends, body=body):
            _add_expressions([bound for bound in (*begins, *ends, *steps, *lane_ends) if bound is not None], found)
            for inner in body:
                _add_statement(inner, found)
        case tree.If(condition=condition, then=then, otherwise=otherwise):
            _add_expressions((condition,), found)
            for inner in (*then, *otherwise):
                _add_statement(inner, found)
        case tree.While(condition=condition, body=body, first=first):
            _add_expressions((condition,), found)
            for inner in (*first, *body):
                _add_statement(inner, found)
        case _:
            pass


def _add_expressions(expressions: Iterable[tree.Expr], found: list[tree.Expr]) -> None:
    for expr in expressions:
        found.append(expr)
        if isinstance(expr, tree.Name | tree.Constant):
            continue
        if isinstance(expr, tree.Function):
            for inner in expr.body:
                _add_statement(inner, found)
        _add_expressions(children(expr), found)


def children(expr: tree.Expr) -> tuple[tree.Expr, ...]:
    """The direct sub-expressions."""
    match expr:
        case tree.Call(args=args, kwargs=kwargs):
            return (*args, *(value for _, value in kwargs))
        case tree.Sequence(items=items):
            return items
        case tree.Slice(lower=lower, upper=upper, step=step):
            return tuple(part for part in (lower, upper, step) if part is not None)
        case tree.Item(sequence=sequence):
            return (sequence,)
        case tree.Select(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case tree.Function(result=result):
            return (result,)
        case tree.HostValue(parts=parts) | tree.Poison(parts=parts):
            return parts
        case _:
            return ()


def bindings(kernel: tree.TypedKernel) -> Iterator[tree.Binding]:
    """Every binding of a name: parameters, host and device assignments, loop targets; not the checker's own temporaries."""
    for parameter in kernel.parameters:
        yield parameter.binding
    for statement in kernel.body:
        yield from (b for b in _bindings_in(statement) if "@" not in b.name)


def _bindings_in(statement: tree.Stmt) -> Iterator[tree.Binding]:
    match statement:
        case tree.HostStatement(bindings=found):
            yield from found
        case tree.Assign(target=target):
            yield target
        case tree.Loop(targets=targets, body=body):
            yield from targets
            for inner in body:
                yield from _bindings_in(inner)
        case tree.If(then=then, otherwise=otherwise):
            for inner in (*then, *otherwise):
                yield from _bindings_in(inner)
        case tree.While(body=body, first=first):
            for inner in (*first, *body):
                yield from _bindings_in(inner)
        case _:
            pass


def innermost(kernel: tree.TypedKernel, offset: int) -> tree.Expr | tree.Binding | None:
    """The smallest expression or binding that a cursor at `offset` is on."""
    found: tree.Expr | tree.Binding | None = None
    for candidate in (*expressions(kernel), *bindings(kernel)):
        if candidate.span.touches(offset):
            size = candidate.span.end - candidate.span.start
            if found is None or size <= found.span.end - found.span.start:
                found = candidate
    return found


def definitions_of(kernel: tree.TypedKernel, name: str) -> tuple[tree.Binding, ...]:
    """Every place that gives a local a value, in source order; branches and loops may make several of them reach one read."""
    found = {b.span: b for b in bindings(kernel) if b.name == name}
    return tuple(found[span] for span in sorted(found))


def references_to(kernel: tree.TypedKernel, name: str) -> tuple[Span, ...]:
    """Every place where a local of the kernel is bound or read, in source order."""
    reads = {e.span for e in expressions(kernel) if isinstance(e, tree.Name) and e.name == name and kernel.file.text_of(e.span) == name}
    return tuple(sorted(reads | {b.span for b in bindings(kernel) if b.name == name}))
