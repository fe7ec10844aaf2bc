"""Questions about a typed kernel: what stands at an offset, every expression and binding, where a name is defined and used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from helion.source import Span
from helion.typed_kernel import tree


def walk(kernel: tree.TypedKernel) -> Iterator[tree.Expr]:
    """Every expression of the tree, outer before inner."""
    return iter(kernel.expressions)


def walk_body(body: Iterable[tree.Stmt]) -> Iterator[tree.Expr]:
    """Every expression of some statements, outer before inner."""
    return iter(tree.expressions_in(body))


def expressions(kernel: tree.TypedKernel) -> Iterator[tree.Expr]:
    """Every expression of the source: the tree's, then callees, iterators, folded conditions and branches that were left out."""
    yield from walk(kernel)
    yield from kernel.asides


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
