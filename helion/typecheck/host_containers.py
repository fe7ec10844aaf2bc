"""Lists and dicts that host code changes in place, followed where what changes is known, given up where it is not."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace

from helion.source import Span
from helion.typecheck.checker import Checker
from helion.typecheck.operators import constant_of
from helion.typed_kernel import tree
from helion.types.types import DictType, Region, SequenceType, Type, UnknownType

_CHANGED = UnknownType("changed in a way that is not followed")
_HARMLESS = frozenset({"index", "count", "copy", "keys", "values", "items", "get"})


def follow_method(checker: Checker, call: ast.expr, arguments: tuple[Type, ...]) -> None:
    """After a statement that is a method call on a variable: `outs.append(x)`, `outs.extend(xs)`; other changes are not followed."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name):
        return
    name, method = call.func.value.id, call.func.attr
    held = _container(checker, name)
    if held is None or method in _HARMLESS:
        return
    changed: Type = _CHANGED
    if isinstance(held, SequenceType) and method == "append" and len(arguments) == 1:
        changed = replace(held, items=(*held.items, arguments[0]))
    elif isinstance(held, SequenceType) and method == "extend" and len(arguments) == 1 and isinstance(arguments[0], SequenceType):
        changed = replace(held, items=(*held.items, *arguments[0].items))
    checker.bind_host_name(name, changed, checker.span_of(call.func.value))


def is_container_change(checker: Checker, call: ast.expr) -> bool:
    """Whether an expression is a method call that changes a list or a dict held by a variable."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name):
        return False
    variable = checker.scope.get(call.func.value.id)
    is_container = variable is not None and isinstance(variable.type, SequenceType | DictType)
    return is_container and call.func.attr not in _HARMLESS


def follow_item(checker: Checker, target: ast.Subscript, key: tree.Expr, value: Type) -> None:
    """After `outs[0] = x` or `named["key"] = x`."""
    if not isinstance(target.value, ast.Name):
        return
    held = _container(checker, target.value.id)
    if held is None:
        return
    known = constant_of(key.type)
    changed: Type = _CHANGED
    if isinstance(held, DictType) and known is not None:
        changed = DictType(tuple({**dict(held.items), known.value: value}.items()))
    elif isinstance(held, SequenceType) and known is not None and isinstance(known.value, int):
        position = known.value
        if -len(held.items) <= position < len(held.items):
            items = list(held.items)
            items[position] = value
            changed = replace(held, items=tuple(items))
    checker.bind_host_name(target.value.id, changed, checker.span_of(target.value))


def changed_containers(body: Iterable[ast.stmt]) -> frozenset[str]:
    """Names whose contents statements may change: those with a method call or an item assigned."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    called = [node.func.value for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    stored = [node.value for node in nodes if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)]
    return frozenset(node.id for node in (*called, *stored) if isinstance(node, ast.Name))


def device_lists(checker: Checker, body: Iterable[ast.stmt]) -> tuple[str, ...]:
    """Lists of device code that statements make longer: as if they assigned them."""
    held = [(name, checker.scope.get(name)) for name in sorted(changed_containers(body))]
    return tuple(
        name for name, v in held if v is not None and v.region is Region.DEVICE and isinstance(v.type, SequenceType) and v.type.kind is list
    )


def forget_contents(checker: Checker, names: Iterable[str], span: Span) -> None:
    """After a loop of the host: containers that it may change."""
    for name in names:
        if _container(checker, name) is not None:
            checker.bind_host_name(name, _CHANGED, span)


def _container(checker: Checker, name: str) -> SequenceType | DictType | None:
    """The type of a host variable that is a list or a dict."""
    variable = checker.scope.get(name)
    if variable is None or variable.region is Region.DEVICE:
        return None
    type_ = variable.type
    return type_ if isinstance(type_, DictType) or (isinstance(type_, SequenceType) and type_.kind is list) else None
