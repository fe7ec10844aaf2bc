"""What an assignment binds: names, unpacked tuples, stores into tensors; on the host and on the device."""

from __future__ import annotations

import ast

from helion.diagnostics.catalog.names import HostVariableModifiedOnDevice
from helion.diagnostics.catalog.python import FailedToUnpack, UnsupportedStatement
from helion.ops.memory import store
from helion.source import Span
from helion.typecheck.checker import Checker
from helion.typecheck.expressions import check_expression
from helion.typecheck.host_containers import follow_item
from helion.typecheck.subscripts import check_index, infer_op, item_of
from helion.typed_kernel import tree
from helion.types.dims import size_symbol
from helion.types.types import (
    NumberType,
    Region,
    SequenceType,
    StarSequenceType,
    TensorType,
    Type,
    UnknownType,
)


def bind_host(checker: Checker, target: ast.expr, type_: Type) -> None:
    """Give the names of a host assignment's target their types."""
    match target:
        case ast.Name(id=name):
            checker.bind_host_name(name, type_, checker.span_of(target))
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            checker.note(checker.span_of(target), tree.Constant(type_, checker.span_of(target)))
            if (
                isinstance(type_, SequenceType)
                and len(type_.items) != len(targets)
                and not any(isinstance(t, ast.Starred) for t in targets)
            ):
                checker.report(FailedToUnpack(checker.span_of(target), str(type_), len(targets)))
            for position, inner in enumerate(targets):
                bind_host(checker, inner, _part(type_, position, len(targets), inner))
        case ast.Starred(value=inner):
            bind_host(checker, inner, UnknownType("a starred target"))
        case ast.Subscript(value=owner, slice=index) if isinstance(owner, ast.Name):
            check_expression(checker, owner)
            follow_item(checker, target, check_expression(checker, index), type_)
        case ast.Subscript() | ast.Attribute():
            check_expression(checker, target)
        case _:
            checker.report(UnsupportedStatement(checker.span_of(target), "this target", "a kernel"))


def _part(type_: Type, position: int, count: int, target: ast.expr) -> Type:
    if isinstance(type_, SequenceType) and len(type_.items) == count:
        return type_.items[position]
    if isinstance(type_, StarSequenceType):
        name = target.id if isinstance(target, ast.Name) else f"{type_.star.name}.{position}"
        return NumberType(int, size_symbol(name))
    return UnknownType("cannot be unpacked")


def assign_device(checker: Checker, target: ast.expr, value: tree.Expr) -> None:
    """Bind or store a device value."""
    match target:
        case ast.Name(id=name):
            assign_name(checker, name, value, checker.span_of(target))
        case ast.Tuple(elts=targets):
            checker.note(checker.span_of(target), tree.Constant(value.type, checker.span_of(target)))
            _unpack(checker, targets, value, checker.span_of(target))
        case ast.Subscript():
            store_into(checker, target, value)
        case _:
            checker.report(UnsupportedStatement(checker.span_of(target), "this target", "device code"))


def assign_name(checker: Checker, name: str, value: tree.Expr, span: Span) -> None:
    existing = checker.scope.get(name)
    if existing is not None and existing.region is Region.HOST:
        is_tensor = isinstance(existing.type, TensorType)
        checker.report(HostVariableModifiedOnDevice(span, name, existing.span, is_tensor))
        return
    variable = checker.scope.bind(name, value.type, Region.DEVICE, span)
    binding = tree.Binding(variable.name, value.type, span, Region.DEVICE)
    checker.bindings.append(binding)
    if not checker.scope.prefix:
        checker.device_names[name] = span
    checker.statements.append(tree.Assign(Span(span.start, max(span.end, value.span.end)), binding, value))


def named_value(checker: Checker, value: tree.Expr) -> tree.Expr:
    """A value computed once under a name of its own, for several targets."""
    if isinstance(value, tree.Constant | tree.Name):
        return value
    checker.helper_count += 1
    name = f"value@{checker.helper_count}"
    checker.statements.append(tree.Assign(value.span, tree.Binding(name, value.type, value.span, Region.DEVICE), value))
    return tree.Name(value.type, value.span, name, Region.DEVICE)


def _unpack(checker: Checker, targets: list[ast.expr], value: tree.Expr, span: Span) -> None:
    starred = next((i for i, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
    if not isinstance(value.type, SequenceType) or (
        len(value.type.items) != len(targets) if starred is None else len(value.type.items) < len(targets) - 1
    ):
        if not isinstance(value.type, UnknownType):
            checker.report(FailedToUnpack(span, str(value.type), len(targets)))
        for target in targets:
            name = target.value if isinstance(target, ast.Starred) else target
            assign_device(checker, name, tree.Poison(UnknownType("cannot be unpacked"), value.span))
        return
    count = len(value.type.items)
    if not isinstance(value, tree.Sequence):
        checker.helper_count += 1
        name = f"unpacked@{checker.helper_count}"
        binding = tree.Binding(name, value.type, span, Region.DEVICE)
        checker.statements.append(tree.Assign(span, binding, value))
        value = tree.Name(value.type, value.span, name, Region.DEVICE)
    parts = [item_of(checker, value, position, value.span) for position in range(count)]
    if starred is not None:
        parts = _collected(parts, starred, len(targets), value.span)
        targets = [target.value if isinstance(target, ast.Starred) else target for target in targets]
    if isinstance(value, tree.Sequence):
        parts[1:] = [_snapshot(checker, target, part) for target, part in zip(targets[1:], parts[1:], strict=True)]
    for target, part in zip(targets, parts, strict=True):
        assign_device(checker, target, part)


def _collected(parts: list[tree.Expr], starred: int, count: int, span: Span) -> list[tree.Expr]:
    """The parts with those that a starred target takes as one list."""
    end = len(parts) - (count - 1 - starred)
    taken = tuple(parts[starred:end])
    rest = tree.Sequence(SequenceType(tuple(part.type for part in taken), list), span, taken)
    return [*parts[:starred], rest, *parts[end:]]


def _snapshot(checker: Checker, target: ast.expr, part: tree.Expr) -> tree.Expr:
    """A value computed before the targets to the left of its own are assigned, so that `a, b = b, a + b` is Python's."""
    if isinstance(part, tree.Constant) or (isinstance(part, tree.Name) and part.region is Region.HOST):
        return part
    checker.helper_count += 1
    name = f"{target.id if isinstance(target, ast.Name) else 'unpacked'}@{checker.helper_count}"
    checker.statements.append(tree.Assign(part.span, tree.Binding(name, part.type, part.span, Region.DEVICE), part))
    return tree.Name(part.type, part.span, name, Region.DEVICE)


def store_into(checker: Checker, target: ast.Subscript, value: tree.Expr) -> None:
    """`out[tile] = value` is `hl.store(out, [tile], value)`."""
    tensor = check_expression(checker, target.value)
    elements = check_index(checker, target.slice, check_expression)
    span = checker.span_of(target)
    checker.statements.append(tree.Evaluate(span, infer_op(checker, store, (tensor, elements, value), span)))
