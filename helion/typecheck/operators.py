"""Operators on typed expressions: folded on what is known, torch's rules on tensors, scalar operations on the device."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch

from helion.diagnostics.catalog.indexing import HostTensorUsedDirectly
from helion.diagnostics.catalog.python import FailingArithmetic, IntegerTooLarge, NotAllowedOnDevice
from helion.diagnostics.catalog.shapes import ConditionNotScalar, ShapeMismatch
from helion.diagnostics.catalog.tiles import TileMisuse
from helion.ops.table import OPS
from helion.source import Span
from helion.typecheck.checker import Checker
from helion.typecheck.folding import COMPARISONS, fold
from helion.typed_kernel import tree
from helion.types import operators as operator
from helion.types.dims import Dim, constant, dim
from helion.types.sources import with_sources
from helion.types.types import (
    BlockSizeType,
    ConstantType,
    DictType,
    DtypeType,
    NumberType,
    OpaqueType,
    Region,
    SequenceType,
    Star,
    TensorType,
    TileType,
    TunableType,
    Type,
    UnknownType,
)

BINARY: Mapping[type[ast.operator], Callable[..., Any]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv,
        ast.Mod: operator.mod,
        ast.Pow: operator.pow,
        ast.MatMult: operator.matmul,
        ast.BitAnd: operator.and_,
        ast.BitOr: operator.or_,
        ast.BitXor: operator.xor,
        ast.LShift: operator.lshift,
        ast.RShift: operator.rshift,
    }
)
_UNARY: Mapping[type[ast.unaryop], Callable[..., Any]] = MappingProxyType(
    {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Invert: operator.invert}
)
_COMPARE: Mapping[type[ast.cmpop], Callable[..., Any]] = MappingProxyType(
    {
        ast.Eq: operator.eq,
        ast.NotEq: operator.ne,
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
        ast.Is: operator.is_,
        ast.IsNot: operator.is_not,
    }
)


_MOST_ITEMS = 4096
_MOST_INTEGER = 1 << 63
# What the call decides before anything is compiled: strings and dtypes are compared then.
OPEN_TRUTH = OpaqueType(bool)


def is_open(type_: Type) -> bool:
    """Whether a value is a constant of every call, which the text does not tell."""
    return isinstance(type_, OpaqueType) or type_ == DtypeType(None)


def is_undecided(checker: Checker, type_: Type) -> bool:
    """Whether a condition keeps one of two branches, and the text does not tell which."""
    return isinstance(type_, UnknownType) or is_open(type_) or checker.is_baked(type_)


def as_number(type_: Type) -> NumberType | None:
    """A number, or a block size or a tunable as one."""
    if isinstance(type_, BlockSizeType):
        return NumberType(int, type_.block.symbol)
    if isinstance(type_, TunableType):
        return NumberType(type_.tunable.kind)
    return type_ if isinstance(type_, NumberType) else None


def require_value(checker: Checker, expr: tree.Expr) -> bool:
    """Report a host tensor that device code computes with as if it were loaded."""
    if checker.region is not Region.DEVICE or not isinstance(expr.type, TensorType) or expr.type.region is not Region.HOST:
        return True
    name = checker.file.text_of(expr.span)
    checker.report(HostTensorUsedDirectly(expr.span, name, _likely_subscript(checker, expr.type)))
    return False


def require_64_bits(checker: Checker, expr: tree.Expr) -> bool:
    """Report an integer that no value of the device can be."""
    known = constant(expr.type.as_dim) if isinstance(expr.type, NumberType) else None
    if checker.region is not Region.DEVICE or known is None or -_MOST_INTEGER <= known < _MOST_INTEGER:
        return True
    checker.report(IntegerTooLarge(expr.span, known))
    return False


def _likely_subscript(checker: Checker, tensor: TensorType) -> str | None:
    """The open tiles whose extents are the tensor's sizes, `:` where there is none but for others; `()` where there are no dims."""
    if tensor.rank is None:
        return None
    ends = {a.end: a.name for a in reversed(checker.axes) if a.end is not None and a.name in checker.scope.variables}
    names = [ends.get(size, ":") for size in tensor.dims]
    return None if names and set(names) == {":"} else ", ".join(names) or "()"


def check_binary(checker: Checker, left: tree.Expr, op: ast.operator, right: tree.Expr, span: Span) -> tree.Expr:
    function = BINARY[type(op)]
    return check_operation(checker, function, (left, right), span)


def check_operation(checker: Checker, function: Callable[..., Any], operands: tuple[tree.Expr, ...], span: Span) -> tree.Expr:
    """An operator on one or two operands."""
    if not all([require_value(checker, operand) for operand in operands]):
        return tree.Poison(UnknownType("a host tensor"), span, operands)
    types = tuple(operand.type for operand in operands)
    if any(isinstance(t, TileType) for t in types):
        return _on_tile(checker, function, operands, span)
    if any(isinstance(t, UnknownType) for t in types):
        return _host_or_call(checker, UnknownType("an operand is unknown"), function, operands, span)
    if any(isinstance(t, TensorType) for t in types):
        if not all([require_64_bits(checker, operand) for operand in operands]):
            return tree.Poison(UnknownType("an integer that is too large"), span, operands)
        return _on_tensors(checker, function, operands, span)
    numbers = [as_number(t) for t in types]
    if all(n is not None for n in numbers):
        folded = fold(checker, function, [n for n in numbers if n is not None])
        if isinstance(folded, UnknownType) and checker.region is Region.DEVICE:
            return fails(checker, folded, operands, span)
        if _region(folded) is Region.DEVICE and not all([require_64_bits(checker, operand) for operand in operands]):
            return tree.Poison(UnknownType("an integer that is too large"), span, operands)
        return _host_or_call(checker, folded, function, operands, span)
    folded = _on_constants(function, types)
    if function is operator.mul and isinstance(folded, UnknownType) and checker.region is Region.DEVICE:
        return fails(checker, folded, operands, span)
    return _host_or_call(checker, folded, function, operands, span)


def fails(checker: Checker, type_: UnknownType, operands: tuple[tree.Expr, ...], span: Span) -> tree.Expr:
    """Arithmetic on constants that raises: on the host Python does so itself."""
    checker.report(FailingArithmetic(span, checker.file.text_of(span), type_.because))
    return tree.Poison(type_, span, operands)


def _on_tile(checker: Checker, function: Callable[..., Any], operands: tuple[tree.Expr, ...], span: Span) -> tree.Expr:
    first = operands[0]
    is_shift = all(isinstance(o.type, UnknownType) or as_number(o.type) is not None for o in operands[1:])
    if function is operator.add and isinstance(first.type, TileType) and is_shift:
        op = OPS.find_tile_attribute("index")
        assert op is not None and op.infer is not None
        with checker.calling(span, {}):
            index = tree.Call(op.infer(checker, first.type), first.span, op.function, (first,))
        return check_operation(checker, function, (index, operands[1]), span)
    checker.report(TileMisuse(span, "a tile is not a number: use `tile.index` for its indices or `tile.begin` for its start"))
    return tree.Poison(UnknownType("a tile"), span, operands)


def _on_tensors(checker: Checker, function: Callable[..., Any], operands: tuple[tree.Expr, ...], span: Span) -> tree.Expr:
    op = OPS.find(function)
    types = tuple(o.type for o in operands)
    if op is not None and op.infer is not None:
        with checker.calling(span, {}):
            return tree.Call(op.infer(checker, *types), span, function, operands)
    tensors = [t for t in types if isinstance(t, TensorType)]
    if len(tensors) == 2 and checker.broadcast(*(t.shape for t in tensors)) is None:
        checker.report(ShapeMismatch(span, str(tensors[0]), str(tensors[1])))
        return tree.Poison(UnknownType("shapes differ"), span, operands)
    with checker.calling(span, {}):
        type_ = checker.torch_type(function, types, {})
    return _host_or_call(checker, _same_star(type_, tensors), function, operands, span)


def _same_star(type_: Type, tensors: list[TensorType]) -> Type:
    """Two tensors of unknown rank with different names broadcast to the first's."""
    if not isinstance(type_, UnknownType) or not any(isinstance(d, Star) for t in tensors for d in t.shape):
        return type_
    first = tensors[0]
    dtype = first.dtype if all(t.dtype == first.dtype for t in tensors) else None
    return TensorType(first.shape, dtype, first.region)


def _host_or_call(checker: Checker, type_: Type, function: Callable[..., Any], operands: tuple[tree.Expr, ...], span: Span) -> tree.Expr:
    if checker.region is Region.HOST:
        return tree.HostValue(type_, span, checker.file.text_of(span), operands)
    return tree.Call(type_, span, function, operands)


def _on_constants(function: Callable[..., Any], types: tuple[Type, ...]) -> Type:
    """Operators on strings, None, dtypes and sequences."""
    if function in (operator.is_, operator.is_not) and ConstantType(None) in types:
        both = types[0] == types[1]
        return NumberType(bool, both if function is operator.is_ else not both)
    sequences = [t for t in types if isinstance(t, SequenceType)]
    if len(sequences) == len(types) and function is operator.add:
        return SequenceType(tuple(item for t in sequences for item in t.items), sequences[0].kind)
    if function is operator.mul and len(sequences) == 1 and (times := _times(types)) is not None:
        return SequenceType(sequences[0].items * times, sequences[0].kind)
    if any(is_open(t) for t in types):
        return OPEN_TRUTH if function in COMPARISONS else UnknownType("decided by the call")
    texts = [t.value for t in types if isinstance(t, ConstantType) and isinstance(t.value, str)]
    if function is operator.mul and (texts or sequences):
        times = _times(types)
        is_short = times is not None and len(texts) == 1 and times * len(texts[0]) <= _MOST_ITEMS
        return ConstantType(texts[0] * times) if is_short and times is not None else UnknownType("so many items are not followed")
    if all(isinstance(t, ConstantType | DtypeType) for t in types):
        values = [t.value if isinstance(t, ConstantType) else t.dtype for t in types if isinstance(t, ConstantType | DtypeType)]
        if function in (operator.eq, operator.ne, operator.is_, operator.is_not):
            return NumberType(bool, bool(function(*values)))
    return UnknownType("decided at run time")


def _times(types: tuple[Type, ...]) -> int | None:
    """How often a sequence is repeated, when that is known and gives few enough items to follow."""
    numbers = [number for t in types if (number := as_number(t)) is not None]
    times = constant(numbers[0].as_dim) if len(numbers) == 1 and numbers[0].kind is int else None
    items = sum(len(t.items) for t in types if isinstance(t, SequenceType))
    return times if times is not None and times * items <= _MOST_ITEMS else None


def check_unary(checker: Checker, op: ast.unaryop, operand: tree.Expr, span: Span) -> tree.Expr:
    if isinstance(op, ast.Not):
        operand = one_truth(checker, operand)
        known = truth(operand.type)
        type_: Type = NumberType(bool, None if known is None else not known, _region(operand.type))
        if isinstance(operand.type, UnknownType) or is_open(operand.type):
            type_ = UnknownType("decided by the call") if isinstance(operand.type, UnknownType) else OPEN_TRUTH
        type_ = with_sources(type_, operand.type)
        return _host_or_call(checker, type_, operator.not_, (operand,), span)
    return check_operation(checker, _UNARY[type(op)], (operand,), span)


def _region(type_: Type) -> Region:
    return type_.region if isinstance(type_, NumberType | TensorType) else Region.HOST


def check_comparison(checker: Checker, operands: list[tree.Expr], ops: list[ast.cmpop], span: Span) -> tree.Expr:
    results: list[tree.Expr] = []
    for left, op, right in zip(operands, ops, operands[1:], strict=False):
        if isinstance(op, ast.In | ast.NotIn | ast.Is | ast.IsNot) and _is_of_device(left, right):
            word = "in" if isinstance(op, ast.In | ast.NotIn) else "is"
            checker.report(NotAllowedOnDevice(span, f"`{word}` with a value of the device"))
            results.append(tree.Poison(UnknownType("not allowed"), span, (left, right)))
            continue
        if isinstance(op, ast.In | ast.NotIn):
            results.append(_membership(checker, left, right, isinstance(op, ast.In), span))
            continue
        function = _COMPARE[type(op)]
        if function in (operator.is_, operator.is_not):
            results.append(tree.HostValue(_identity(function, left.type, right.type), span, checker.file.text_of(span), (left, right)))
        else:
            results.append(check_operation(checker, function, (left, right), span))
    return results[0] if len(results) == 1 else check_boolean(checker, ast.And(), results, span)


def _is_of_device(left: tree.Expr, right: tree.Expr) -> bool:
    """Whether only the device has a value of the two; whether one is None is known without it."""
    types = (left.type, right.type)
    return ConstantType(None) not in types and any(isinstance(t, TensorType | NumberType) and t.region is Region.DEVICE for t in types)


def _identity(function: Callable[..., Any], left: Type, right: Type) -> Type:
    if UnknownType in (type(left), type(right)):
        return UnknownType("decided by the call")
    if is_open(left) or is_open(right):
        return OPEN_TRUTH
    if ConstantType(None) in (left, right):
        return NumberType(bool, (left == right) if function is operator.is_ else left != right)
    return _on_constants(function, (left, right)) if isinstance(left, ConstantType | DtypeType) else NumberType(bool)


def _membership(checker: Checker, left: tree.Expr, right: tree.Expr, is_in: bool, span: Span) -> tree.Expr:
    type_: Type = OPEN_TRUTH if is_open(left.type) else NumberType(bool)
    wanted = constant_of(left.type)
    held = [constant_of(t) for t in right.type.items] if isinstance(right.type, SequenceType) else []
    if isinstance(right.type, DictType):
        held = [KnownValue(key) for key, _ in right.type.items]
    found = wanted in held
    if wanted is not None and isinstance(right.type, SequenceType | DictType) and (found or None not in held):
        type_ = NumberType(bool, found if is_in else not found)
    return tree.HostValue(type_, span, checker.file.text_of(span), (left, right))


def one_truth(checker: Checker, expr: tree.Expr) -> tree.Expr:
    """An expression whose truth is asked for: on the device a whole program has one, so a tile of values has none."""
    type_ = expr.type
    if isinstance(type_, TileType):
        checker.report(TileMisuse(expr.span, "a tile is not a truth value: compare `tile.begin` or `tile.id`"))
        return tree.Poison(UnknownType("a tile"), expr.span, (expr,))
    if checker.region is Region.DEVICE and isinstance(type_, TensorType) and any(size != 1 for size in type_.shape):
        checker.report(ConditionNotScalar(expr.span, str(type_)))
        return tree.Poison(UnknownType("not one truth value"), expr.span, (expr,))
    return expr


def check_boolean(checker: Checker, op: ast.boolop, values: list[tree.Expr], span: Span) -> tree.Expr:
    """`and`/`or`: what is known decides or drops out; the rest is combined at run time."""
    is_and = isinstance(op, ast.And)
    rest: list[tree.Expr] = []
    for value in (one_truth(checker, each) for each in values):
        known = truth(value.type)
        if known is None:
            rest.append(value)
        elif known is not is_and:
            return tree.Constant(NumberType(bool, known), span, known)
    if not rest:
        return tree.Constant(NumberType(bool, is_and), span, is_and)
    if len(rest) > 1 and checker.region is Region.DEVICE:
        rest = [as_truth(checker, value) for value in rest]
    result = rest[0]
    for value in rest[1:]:
        function = operator.and_ if is_and else operator.or_
        type_: Type = NumberType(bool, None, Region.DEVICE if checker.region is Region.DEVICE else Region.HOST)
        if checker.told_by(result.type, value.type) is not None:
            type_ = with_sources(NumberType(bool), result.type, value.type)
        if isinstance(result.type, UnknownType) or isinstance(value.type, UnknownType):
            type_ = UnknownType("decided by the call")
        elif is_open(result.type) and is_open(value.type):
            type_ = OPEN_TRUTH
        result = _host_or_call(checker, type_, function, (result, value), span)
    return result


def as_truth(checker: Checker, value: tree.Expr) -> tree.Expr:
    """A number as a bool: `2 and 1` is true, and they have no bit in common."""
    number = as_number(value.type)
    kind = number.kind if number is not None else value.type.dtype if isinstance(value.type, TensorType) else None
    if kind in (None, bool, torch.bool):
        return value
    return check_operation(checker, operator.ne, (value, tree.Constant(NumberType(int, dim(0)), value.span, 0)), value.span)


def truth(type_: Type) -> bool | None:
    """What `bool(value)` is, when the type pins it down."""
    match type_:
        case NumberType(value=value) if value is not None:
            if isinstance(value, Dim):
                known = constant(value)
                return None if known is None else bool(known)
            return bool(value)
        case ConstantType(value=value):
            return bool(value)
        case SequenceType(items=items):
            return bool(items)
        case TensorType(region=Region.HOST):
            return None
        case DtypeType():
            return True
        case _:
            return None


@dataclass(frozen=True)
class KnownValue:
    """A Python value that a type pins down; in a box, since None is one."""

    value: object


def constant_of(type_: Type) -> KnownValue | None:
    """The hashable constant that a type pins down: a string, None, a number."""
    match type_:
        case ConstantType(value=value):
            return KnownValue(value)
        case NumberType(value=Dim() as size):
            known = constant(size)
            return None if known is None else KnownValue(known)
        case NumberType(value=value) if value is not None:
            return KnownValue(value)
        case _:
            return None
