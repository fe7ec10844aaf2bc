"""`range`, `zip`, `enumerate`, `reversed` and comprehensions over sequences of known length in, sequences of their items out."""

from __future__ import annotations

import ast
import builtins
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helion.diagnostics.catalog.python import UnsupportedStatement
from helion.source import Span
from helion.typecheck.checker import Checker
from helion.typecheck.operators import as_number, check_boolean, check_operation, constant_of, truth
from helion.typecheck.subscripts import entry_at, item_of
from helion.typed_kernel import tree
from helion.types.dims import constant, dim
from helion.types.sources import with_sources
from helion.types.types import DictType, NumberType, Region, SequenceType, Star, StarSequenceType, Type, UnknownType

CheckExpression = Callable[[Checker, ast.expr], tree.Expr]
_MAX_ITEMS = 1024
_FOLDS = (builtins.sum, builtins.any, builtins.all)
_FUNCTIONS = (builtins.range, builtins.zip, builtins.enumerate, builtins.reversed)


def spread(checker: Checker, node: ast.expr, check: CheckExpression) -> tuple[tree.Expr, ...]:
    """What an argument or an item of a display stands for: itself, or with `*` all that it holds when that is known."""
    if not isinstance(node, ast.Starred):
        return (check(checker, node),)
    inner = check(checker, node.value)
    if isinstance(inner, tree.Sequence):
        return inner.items
    if isinstance(inner.type, SequenceType):
        return tuple(tree.Item(type_, inner.span, inner, i) for i, type_ in enumerate(inner.type.items))
    span = checker.span_of(node)
    return (tree.HostValue(inner.type, span, checker.file.text_of(span), (inner,)),)


def check_sequence_function(checker: Checker, function: Any, args: tuple[tree.Expr, ...], span: Span) -> tree.Expr | None:
    """The items that one of Python's iterator functions gives; None when it is another function or its items are not known."""
    if function in _FOLDS:
        return _folded(checker, function, args, span)
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


def _folded(checker: Checker, function: Any, args: tuple[tree.Expr, ...], span: Span) -> tree.Expr | None:
    """`sum`, `any` and `all` of a known sequence on the device: the operator between its items."""
    if checker.region is Region.HOST or not args or not isinstance(args[0].type, SequenceType):
        return None
    items = [item_of(checker, args[0], i, args[0].span) for i in range(len(args[0].type.items))]
    if function is not builtins.sum:
        return check_boolean(checker, ast.And() if function is builtins.all else ast.Or(), items, span)
    terms = [*args[1:2], *items] or [_number(0, span)]
    result = terms[0]
    for term in terms[1:]:
        result = check_operation(checker, operator.add, (result, term), span)
    return result


def _range(checker: Checker, args: tuple[tree.Expr, ...], span: Span) -> tree.Expr | None:
    bounds = [_integer(a.type) for a in args]
    known = [b for b in bounds if b is not None]
    if len(known) != len(bounds) and checker.region is Region.HOST and all(as_number(a.type) is not None for a in args):
        return tree.HostValue(
            StarSequenceType(Star("range"), with_sources(NumberType(int), *(a.type for a in args))), span, checker.file.text_of(span), args
        )
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


def dictionary(checker: Checker, entries: list[tuple[tree.Expr | None, tree.Expr]], span: Span) -> tree.Expr:
    """A dict of known keys, `**` of such a dict among them; one with a key that is not constant is Unknown on the host and an error on
    the device."""
    parts = tuple(part for entry in entries for part in entry if part is not None)
    found: dict[object, tree.Expr] = {}
    for key, value in entries:
        if key is None and isinstance(value.type, DictType):
            found.update((name, entry_at(checker, value, i, value.span)) for i, (name, _) in enumerate(value.type.items))
            continue
        known = None if key is None else constant_of(key.type)
        if known is None:
            if checker.region is Region.DEVICE:
                checker.report(
                    UnsupportedStatement(span if key is None else key.span, "a dict whose keys are not constants", "device code")
                )
            return tree.HostValue(UnknownType("its keys are not known"), span, checker.file.text_of(span), parts)
        found[known.value] = value
    type_ = DictType(tuple((key, value.type) for key, value in found.items()))
    if checker.region is Region.HOST:
        return tree.HostValue(type_, span, checker.file.text_of(span), parts)
    return tree.Sequence(type_, span, tuple(found.values()))


@dataclass(frozen=True)
class _Failed:
    """A comprehension whose items are not known, and what stands in for it."""

    stand_in: tree.Expr


def check_comprehension(checker: Checker, node: ast.ListComp | ast.GeneratorExp, span: Span, check: CheckExpression) -> tree.Expr:
    """One generator over a known sequence is unrolled; conditions must be decided by what is known."""
    rounds = _rounds(checker, node.generators, span, lambda: check(checker, node.elt), check)
    return rounds.stand_in if isinstance(rounds, _Failed) else _sequence(checker, rounds, span, list)


def check_dict_comprehension(checker: Checker, node: ast.DictComp, span: Span, check: CheckExpression) -> tree.Expr:
    """As a list comprehension; keys must be constants."""
    keys: list[tree.Expr] = []

    def entry() -> tree.Expr:
        keys.append(check(checker, node.key))
        return check(checker, node.value)

    rounds = _rounds(checker, node.generators, span, entry, check)
    return rounds.stand_in if isinstance(rounds, _Failed) else dictionary(checker, list(zip(keys, rounds, strict=True)), span)


def _rounds(
    checker: Checker, generators: list[ast.comprehension], span: Span, element: Callable[[], tree.Expr], check: CheckExpression
) -> list[tree.Expr] | _Failed:
    """What `element` gives in each round of the one generator, in a scope of its own."""
    if len(generators) != 1:
        if checker.region is Region.DEVICE:
            checker.report(UnsupportedStatement(span, "a comprehension with several `for`s", "device code"))
        return _Failed(tree.HostValue(UnknownType("a nested comprehension"), span, checker.file.text_of(span)))
    iterator = check(checker, generators[0].iter)
    before = checker.scope.copy()
    result = _unrolled(checker, element, generators[0], iterator, span, check)
    checker.scope.restore(before)
    return result


def _unrolled(
    checker: Checker,
    element: Callable[[], tree.Expr],
    generator: ast.comprehension,
    iterator: tree.Expr,
    span: Span,
    check: CheckExpression,
) -> list[tree.Expr] | _Failed:
    text = checker.file.text_of(span)
    if not isinstance(iterator.type, SequenceType) or len(iterator.type.items) > _MAX_ITEMS:
        item = iterator.type.item if isinstance(iterator.type, StarSequenceType) else UnknownType("the items are not known")
        _bind(checker, generator.target, tree.Poison(item, iterator.span))
        return _Failed(tree.HostValue(UnknownType("the number of items is not known"), span, text, (iterator, element())))
    found: list[tree.Expr] = []
    for position in range(len(iterator.type.items)):
        _bind(checker, generator.target, item_of(checker, iterator, position, iterator.span))
        tests = [truth(check(checker, test).type) for test in generator.ifs]
        if None in tests:
            return _Failed(tree.HostValue(UnknownType("which items are kept is decided at run time"), span, text, (iterator,)))
        if all(tests):
            found.append(_kept(checker, element(), span))
    return found


def _kept(checker: Checker, value: tree.Expr, span: Span) -> tree.Expr:
    """The value of one round, computed in that round: the names it reads mean something else in the next."""
    if checker.region is Region.HOST or isinstance(value, tree.Constant):
        return value
    checker.helper_count += 1
    name = f"item@{checker.helper_count}"
    checker.statements.append(tree.Assign(span, tree.Binding(name, value.type, value.span, Region.DEVICE), value))
    return tree.Name(value.type, value.span, name, Region.DEVICE)


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
