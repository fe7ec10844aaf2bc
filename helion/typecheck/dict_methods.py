"""A call of a method of a dict of known keys in, the entries that it gives out."""

from __future__ import annotations

from helion.source import Span
from helion.typecheck.checker import Checker
from helion.typecheck.operators import constant_of
from helion.typecheck.subscripts import entry_at
from helion.typed_kernel import tree
from helion.types.types import ConstantType, DictType, Region, SequenceType, Type, UnknownType, number_type


def check_dict_method(checker: Checker, owner: tree.Expr, name: str, args: tuple[tree.Expr, ...], span: Span) -> tree.Expr:
    """`d.items()`, `d.keys()`, `d.values()` and `d.get(key, default)`."""
    result = _result(checker, owner, name, args, span)
    if checker.region is Region.HOST:
        return tree.HostValue(result.type, span, checker.file.text_of(span), (owner, *args))
    return result


def _result(checker: Checker, owner: tree.Expr, name: str, args: tuple[tree.Expr, ...], span: Span) -> tree.Expr:
    assert isinstance(owner.type, DictType)
    keys = [key for key, _ in owner.type.items]
    if name == "get" and 1 <= len(args) <= 2:
        wanted = constant_of(args[0].type)
        if wanted is not None and wanted.value in keys:
            return entry_at(checker, owner, keys.index(wanted.value), span)
        if wanted is not None:
            return args[1] if len(args) == 2 else tree.Constant(ConstantType(None), span)
    if args or name not in ("items", "keys", "values"):
        return tree.HostValue(UnknownType(f"`{name}` of a dict is not followed"), span, checker.file.text_of(span), (owner, *args))
    names = [tree.Constant(_key_type(key), span, key) for key in keys]
    if name == "keys":
        return _sequence(names, span)
    values = [entry_at(checker, owner, i, span) for i in range(len(keys))]
    return _sequence(values if name == "values" else [_sequence(pair, span) for pair in zip(names, values, strict=True)], span)


def _key_type(key: object) -> Type:
    return number_type(key) if isinstance(key, int | float) else ConstantType(key)


def _sequence(items: list[tree.Expr] | list[tree.Constant] | list[tree.Sequence] | tuple[tree.Expr, ...], span: Span) -> tree.Sequence:
    return tree.Sequence(SequenceType(tuple(item.type for item in items)), span, tuple(items))
