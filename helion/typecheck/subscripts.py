"""Subscripts: loads of host tensors, new axes of device values, items of sequences; and what a store's target is."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from helion.diagnostics.catalog.indexing import InvalidIndex, NotSubscriptable, SequenceIndexNotConstant
from helion.ops.memory import load
from helion.ops.operation import Op
from helion.ops.table import OPS
from helion.ops.views import subscript
from helion.source import Span
from helion.typecheck.checker import Checker
from helion.typecheck.host_subscripts import plain_subscript
from helion.typecheck.operators import constant_of
from helion.typecheck.slice_lengths import distance
from helion.typed_kernel import tree
from helion.types import operators as operator
from helion.types.dims import constant, size_symbol
from helion.types.sources import NOTHING
from helion.types.types import (
    BlockSizeType,
    ConstantType,
    DictType,
    NumberType,
    Region,
    SequenceType,
    SliceType,
    StackTensorType,
    StarSequenceType,
    TensorType,
    Type,
    UnknownType,
)

CheckExpression = Callable[[Checker, ast.expr], tree.Expr]
NONE = ConstantType(None)


def check_slice(checker: Checker, node: ast.Slice, span: Span, check: CheckExpression) -> tree.Expr:
    parts = [None if part is None else check(checker, part) for part in (node.lower, node.upper, node.step)]
    lower, upper, step = (NONE if part is None else part.type for part in parts)
    apart = None
    if checker.region is Region.DEVICE and parts[0] is not None and parts[1] is not None and not (_is_known(lower) and _is_known(upper)):
        apart = distance(checker.statements, parts[0], parts[1])
    return tree.Slice(SliceType(lower, upper, step, apart), span, *parts)


def _is_known(bound: Type) -> bool:
    return isinstance(bound, BlockSizeType) or (isinstance(bound, NumberType) and bound.as_dim is not None)


def check_index(checker: Checker, node: ast.expr, check: CheckExpression) -> tree.Sequence:
    """The elements of a subscript as a sequence."""
    elements = node.elts if isinstance(node, ast.Tuple) else [node]
    items = tuple(check(checker, element) for element in elements)
    return tree.Sequence(SequenceType(tuple(item.type for item in items)), checker.span_of(node), items)


def check_subscript(checker: Checker, owner: tree.Expr, index: ast.expr, span: Span, check: CheckExpression) -> tree.Expr:
    match owner.type:
        case TensorType(region=region) if checker.region is Region.DEVICE:
            elements = check_index(checker, index, check)
            function = load if region is Region.HOST else subscript
            return infer_op(checker, function, (owner, elements), span)
        case StackTensorType():
            return infer_op(checker, load, (owner, check_index(checker, index, check)), span)
        case TensorType():
            elements = check_index(checker, index, check)
            tensor, parts = plain_subscript(checker, owner.type, [item.type for item in elements.items])
            argument: Type = parts[0] if len(parts) == 1 else SequenceType(parts)
            with checker.calling(span, {}):
                type_ = checker.torch_type(operator.getitem, (tensor, argument), {})
            return tree.HostValue(type_, span, checker.file.text_of(span), (owner, *elements.items))
        case SequenceType():
            return _item(checker, owner, check(checker, index), span)
        case StarSequenceType(star=star, item=item):
            inner = check(checker, index)
            position = constant(inner.type.as_dim) if isinstance(inner.type, NumberType) else None
            type_ = item
            if position is not None and item == NumberType(int):
                symbol = size_symbol(f"{star.name}.{position}")
                checker.known_sizes.computed[symbol] = checker.told_by(item) or NOTHING
                type_ = NumberType(int, symbol)
            return tree.HostValue(type_, span, checker.file.text_of(span), (owner, inner))
        case DictType():
            return _entry(checker, owner, check(checker, index), span)
        case _:
            inner_parts = tuple(check(checker, part) for part in (index.elts if isinstance(index, ast.Tuple) else [index]))
            what = _without_items(owner.type)
            if what is not None:
                checker.report(NotSubscriptable(owner.span, checker.file.text_of(owner.span), what))
                return tree.Poison(UnknownType("what has no items"), span, (owner, *inner_parts))
            return tree.HostValue(UnknownType("a subscript of something unknown"), span, checker.file.text_of(span), (owner, *inner_parts))


def _without_items(type_: Type) -> str | None:
    """What a value is that cannot be indexed, whatever it is worth: None or a number of the host."""
    if isinstance(type_, ConstantType) and type_.value is None:
        return "None"
    return "a number" if isinstance(type_, NumberType) and type_.region is Region.HOST else None


def _entry(checker: Checker, owner: tree.Expr, key: tree.Expr, span: Span) -> tree.Expr:
    """An entry of a dict of known keys."""
    assert isinstance(owner.type, DictType)
    names, known = [name for name, _ in owner.type.items], constant_of(key.type)
    if known is None or known.value not in names:
        if not isinstance(key.type, UnknownType):
            words = (
                f"{key.type}: the keys are {', '.join(map(repr, names))}" if known is not None else f"{key.type}: a key must be a constant"
            )
            checker.report(InvalidIndex(key.span, words))
        return tree.Poison(UnknownType("no such key"), span, (owner, key))
    return entry_at(checker, owner, names.index(known.value), span, key)


def entry_at(checker: Checker, owner: tree.Expr, position: int, span: Span, key: tree.Expr | None = None) -> tree.Expr:
    """The value at a position of a dict of known keys, which a `key` read from there."""
    assert isinstance(owner.type, DictType)
    type_ = owner.type.items[position][1]
    if isinstance(owner, tree.Sequence):
        return owner.items[position]
    if isinstance(owner, tree.Name | tree.Item) and (isinstance(owner, tree.Item) or owner.region is Region.DEVICE):
        return tree.Item(type_, span, owner, position)
    if key is None:
        return tree.HostValue(type_, span, f"({checker.file.text_of(owner.span)})[{owner.type.items[position][0]!r}]", (owner,))
    return tree.HostValue(type_, span, checker.file.text_of(span), (owner, key))


def _item(checker: Checker, owner: tree.Expr, index: tree.Expr, span: Span) -> tree.Expr:
    assert isinstance(owner.type, SequenceType)
    items = owner.type.items
    match index.type:
        case NumberType() if (position := constant(index.type.as_dim)) is not None:
            if not -len(items) <= position < len(items):
                checker.report(InvalidIndex(span, f"{position}: there are {len(items)} items"))
                return tree.Poison(UnknownType("no such item"), span, (owner, index))
            return item_of(checker, owner, position % len(items), span)
        case SliceType(lower, upper, step):
            bounds: list[Any] = [_bound(part) for part in (lower, upper, step)]
            if Ellipsis in bounds:
                return tree.HostValue(UnknownType("a slice"), span, checker.file.text_of(span), (owner,))
            chosen = slice(*bounds)
            type_ = SequenceType(items[chosen], owner.type.kind)
            if isinstance(owner, tree.Sequence):
                return tree.Sequence(type_, span, owner.items[chosen])
            if checker.region is Region.DEVICE:
                return tree.Sequence(type_, span, tuple(item_of(checker, owner, i, span) for i in range(len(items))[chosen]))
            return tree.HostValue(type_, span, checker.file.text_of(span), (owner,))
        case NumberType() if checker.is_baked(index.type):
            checker.bake(index.type)
            return tree.Poison(UnknownType("the call tells which item"), span, (owner, index))
        case UnknownType():
            return tree.Poison(UnknownType("the index is unknown"), span, (owner, index))
        case _:
            checker.report(SequenceIndexNotConstant(index.span, str(index.type)))
            return tree.Poison(UnknownType("the index is not constant"), span, (owner, index))


def item_of(checker: Checker, owner: tree.Expr, position: int, span: Span) -> tree.Expr:
    """One item of an expression that is a known sequence."""
    assert isinstance(owner.type, SequenceType)
    type_ = owner.type.items[position]
    if isinstance(owner, tree.Sequence):
        return owner.items[position]
    if checker.region is Region.HOST:
        return tree.HostValue(type_, span, owner.type.path(f"({checker.file.text_of(owner.span)})", position), (owner,))
    return tree.Item(type_, span, owner, position)


def _bound(part: Type) -> object:
    if part == NONE:
        return None
    if isinstance(part, NumberType):
        found = constant(part.as_dim)
        return Ellipsis if found is None else found
    return Ellipsis


def infer_op(checker: Checker, function: Callable[..., object], args: tuple[tree.Expr, ...], span: Span) -> tree.Expr:
    """A call of an op by its stub with positional arguments."""
    found = OPS.find(function)
    assert found is not None
    op = form_of(found, args)
    assert op.infer is not None
    from_names = dict(zip(op.parameter_names or _names(op.infer), (a.span for a in args), strict=False))
    with checker.calling(span, from_names):
        return tree.Call(op.infer(checker, *(a.type for a in args)), span, op.function, args)


def form_of(op: Op, args: tuple[tree.Expr, ...]) -> Op:
    """The op itself, or the one that stands for it where the first argument is a stack of tensors."""
    stacked = OPS.stack_form(op) if args and isinstance(args[0].type, StackTensorType) else None
    return op if stacked is None else stacked


def _names(function: Callable[..., object]) -> tuple[str, ...]:
    return function.__code__.co_varnames[1 : function.__code__.co_argcount]
