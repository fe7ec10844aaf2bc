"""`range`, `zip`, `enumerate`, `reversed` and comprehensions over sequences of known length in, sequences of their items out."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any

from helion.diagnostics.catalog.python import UnsupportedStatement
from helion.source import Span
from helion.typecheck.checker import Checker
from helion.typecheck.operators import truth
from helion.typecheck.subscripts import item_of
from helion.typed_kernel import tree
from helion.types.dims import constant, dim
from helion.types.types import NumberType, Region, SequenceType, StarSequenceType, Type, UnknownType

CheckExpression = Callable[[Checker, ast.expr], tree.Expr]
_MAX_ITEMS = 1024
_FUNCTIONS = (builtins.range, builtins.zip, builtins.enumerate, builtins.reversed)


def check_sequence_function(checker: Checker, function: Any, args: tuple[tree.Expr, ...], span: Span) -> tree.Expr | None:
    """The items that one of Python's iterator functions gives; None when it is another function or its items are not known."""
    if function not in _FUNCTIONS or not args:
        return None
    if function is builtins.range:
        return _range(checker, args, span)
    owners = args if function is builtins.zip else args[:1]
    lengths = [len(a.type.items) for a in owners if isinstance(a.type, SequenceType)]
    if len(lengths) != len(owners):
        return None
    rows = [tuple(item_of(checker, owner, i, owner.span) for owner in owners) for i in range(min(lengths))]
    if function is builtins.zip:
        return _sequence(checker, [_sequence(checker, row, span) for row in rows], span)
    if function is builtins.reversed:
        return _sequence(checker, [row[0] for row in reversed(rows)], span)
    start = _integer(args[1].type) if len(args) > 1 else 0
    if start is None:
        return None
    return _sequence(checker, [_sequence(checker, (_number(start + i, span), row[0]), span) for i, row in enumerate(rows)], span)


def _range(checker: Checker, args: tuple[tree.Expr, ...], span: Span) -> tree.Expr | None:
    bounds = [_integer(a.type) for a in args]
    known = [b for b in bounds if b is not None]
    if len(known) != len(bounds) or not 1 <= len(known) <= 3 or (len(known) == 3 and known[2] == 0):
        return None
    values = range(*known)
    return None if len(values) > _MAX_ITEMS else _sequence(checker, [_number(i, span) for i in values], span)


def _integer(type_: Type) -> int | None:
    return constant(type_.as_dim) if isinstance(type_, NumberType) else None


def _number(value: int, span: Span) -> tree.Expr:
    return tree.Constant(NumberType(int, dim(value)), span, value)


def _sequence(checker: Checker, items: list[tree.Expr] | tuple[tree.Expr, ...], span: Span, kind: type = tuple) -> tree.Expr:
    type_ = SequenceType(tuple(item.type for item in items), kind)
    if checker.region is Region.HOST:
        return tree.HostValue(type_, span, checker.file.text_of(span), tuple(items))
    return tree.Sequence(type_, span, tuple(items))


def check_comprehension(checker: Checker, node: ast.ListComp | ast.GeneratorExp, span: Span, check: CheckExpression) -> tree.Expr:
    """One generator over a known sequence is unrolled; conditions must be decided by what is known."""
    if len(node.generators) != 1:
        if checker.region is Region.DEVICE:
            checker.report(UnsupportedStatement(span, "a comprehension with several `for`s", "device code"))
        return tree.HostValue(UnknownType("a nested comprehension"), span, checker.file.text_of(span))
    generator = node.generators[0]
    iterator = check(checker, generator.iter)
    before = checker.scope.copy()
    result = _unrolled(checker, node.elt, generator, iterator, span, check)
    checker.scope.restore(before)
    return result


def _unrolled(
    checker: Checker, element: ast.expr, generator: ast.comprehension, iterator: tree.Expr, span: Span, check: CheckExpression
) -> tree.Expr:
    text = checker.file.text_of(span)
    if not isinstance(iterator.type, SequenceType) or len(iterator.type.items) > _MAX_ITEMS:
        item = iterator.type.item if isinstance(iterator.type, StarSequenceType) else UnknownType("the items are not known")
        _bind(checker, generator.target, tree.Poison(item, iterator.span))
        inner = check(checker, element)
        return tree.HostValue(UnknownType("the number of items is not known"), span, text, (iterator, inner))
    found: list[tree.Expr] = []
    for position in range(len(iterator.type.items)):
        _bind(checker, generator.target, item_of(checker, iterator, position, iterator.span))
        tests = [truth(check(checker, test).type) for test in generator.ifs]
        if None in tests:
            return tree.HostValue(UnknownType("which items are kept is decided at run time"), span, text, (iterator,))
        if all(tests):
            found.append(check(checker, element))
    return _sequence(checker, found, span, list)


def _bind(checker: Checker, target: ast.expr, value: tree.Expr) -> None:
    match target:
        case ast.Name(id=name):
            target_span = checker.span_of(target)
            variable = checker.scope.bind(name, value.type, checker.region, target_span)
            checker.note(target_span, tree.Name(value.type, target_span, variable.name, checker.region))
            if checker.region is Region.DEVICE:
                binding = tree.Binding(variable.name, value.type, target_span, Region.DEVICE)
                checker.statements.append(tree.Assign(value.span, binding, value))
        case ast.Tuple(elts=targets):
            known = isinstance(value.type, SequenceType) and len(value.type.items) == len(targets)
            for position, inner in enumerate(targets):
                part = item_of(checker, value, position, value.span) if known else tree.Poison(UnknownType("not unpacked"), value.span)
                _bind(checker, inner, part)
        case _:
            checker.report(UnsupportedStatement(checker.span_of(target), "this target", "a comprehension"))
