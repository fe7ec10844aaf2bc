"""Statements of device code: assignments, stores, loops, branches; static control flow is decided here, the rest becomes the tree's."""

from __future__ import annotations

import ast
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any

from helion.diagnostics.catalog.loops import InvalidDeviceLoop, LoopCarriedTypeChange, LoopElse
from helion.diagnostics.catalog.python import NotAllowedOnDevice, UnsupportedStatement
from helion.ops.creation import full
from helion.source import Span
from helion.syntax.names import assigned_names, read_names
from helion.typecheck.checker import Checker
from helion.typecheck.expressions import check_condition, check_expression
from helion.typecheck.host_containers import is_container_change
from helion.typecheck.host_statements import loop_op_of
from helion.typecheck.loops import check_device_loop
from helion.typecheck.narrowing import narrow, narrowing_of, widened
from helion.typecheck.operators import BINARY, check_operation, is_undecided, truth
from helion.typecheck.scope import Variable
from helion.typecheck.subscripts import infer_op
from helion.typecheck.targets import assign_device, assign_name, named_value, store_into
from helion.typecheck.wording import word_of
from helion.typed_kernel import tree
from helion.types.dims import Dim, dim
from helion.types.join import join
from helion.types.types import (
    Axis,
    ConstantType,
    DtypeType,
    NumberType,
    Region,
    SequenceType,
    StarSequenceType,
    TensorType,
    Type,
    UnknownType,
)

_MAX_UNROLL = 1024


def check_device_body(checker: Checker, body: Iterable[ast.stmt]) -> None:
    """Check statements into `checker.statements`."""
    nodes, outer = list(body), checker.read_later
    for position, node in enumerate(nodes):
        if checker.returns:
            break
        if isinstance(node, ast.For | ast.While | ast.If):
            checker.read_later = outer | read_names(nodes[position + 1 :])
        check_device_statement(checker, node)
    checker.read_later = outer


def check_device_statement(checker: Checker, node: ast.stmt) -> None:
    span = checker.span_of(node)
    match node:
        case ast.Assign(targets=[target], value=value):
            assign_device(checker, target, check_expression(checker, value))
        case ast.Assign(targets=targets, value=value):
            result = named_value(checker, check_expression(checker, value))
            for target in targets:
                assign_device(checker, target, result)
        case ast.AnnAssign(target=target, value=value):
            if value is not None:
                assign_device(checker, target, check_expression(checker, value))
        case ast.AugAssign():
            _augmented(checker, node)
        case ast.Expr(value=ast.Constant()):
            pass
        case ast.Expr(value=value):
            result = check_expression(checker, value)
            if is_container_change(checker, value):
                checker.report(UnsupportedStatement(span, "changing a list or a dict in place", "device code"))
            checker.statements.append(tree.Evaluate(span, result))
        case ast.If(test=test, body=body, orelse=orelse):
            _branch(checker, test, body, orelse, span)
        case ast.For():
            _for(checker, node, span)
        case ast.While():
            _while(checker, node, span)
        case ast.Return(value=value) if checker.inline_depth:
            checker.returns.append(tree.Constant(ConstantType(None), span) if value is None else check_expression(checker, value))
        case ast.Return():
            checker.report(NotAllowedOnDevice(span, "`return`"))
        case ast.Pass():
            pass
        case ast.With() | ast.AsyncWith():
            checker.report(NotAllowedOnDevice(span, "`with`"))
        case _:
            what = word_of(node)
            checker.report(UnsupportedStatement(span, what, "device code"))


def _augmented(checker: Checker, node: ast.AugAssign) -> None:
    span = checker.span_of(node)
    right = check_expression(checker, node.value)
    left = check_expression(checker, node.target)
    if isinstance(node.target, ast.Name) and (v := checker.scope.get(node.target.id)) is not None and v.region is Region.HOST:
        assign_name(checker, node.target.id, right, checker.span_of(node.target))
        return
    result = check_operation(checker, BINARY[type(node.op)], (left, right), span)
    if isinstance(node.target, ast.Subscript):
        store_into(checker, node.target, result)
    else:
        assign_device(checker, node.target, result)


@contextmanager
def block_of(checker: Checker) -> Generator[list[tree.Stmt]]:
    """A new list of statements for an inner block."""
    outer, checker.statements = checker.statements, []
    yield checker.statements
    checker.statements = outer


def _branch(checker: Checker, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt], span: Span) -> None:
    condition = check_condition(checker, test)
    known = truth(condition.type)
    if known is not None:
        check_device_body(checker, body if known else orelse)
        return
    narrowing = narrowing_of(checker, test)
    before, returned = checker.scope.copy(), len(checker.returns)
    narrow(checker, narrowing.held)
    with block_of(checker) as then:
        check_device_body(checker, body)
    after_then = widened(before, checker.scope.copy())
    from_then = checker.returns[returned:]
    del checker.returns[returned:]
    checker.scope.restore(before)
    narrow(checker, narrowing.failed)
    with block_of(checker) as otherwise:
        check_device_body(checker, orelse)
    after_else = widened(before, checker.scope.copy())
    checker.returns[returned:returned] = from_then
    undecided = bool(narrowing) or is_undecided(condition.type)
    if undecided:
        checker.possible_returns.extend(checker.returns[returned:])
        del checker.returns[returned:]
        merged = _merge_unknown(checker, after_then, after_else)
    else:
        _forbid_returns(checker, returned, "a branch decided at run time")
        merged = _merge(checker, before, after_then, after_else, span)
    checker.statements.append(tree.If(span, condition, tuple(then), tuple(otherwise), tuple(merged)))


def _merge(
    checker: Checker, before: dict[str, Variable], then: dict[str, Variable], otherwise: dict[str, Variable], span: Span
) -> list[tree.Binding]:
    """The names that a branch changes and that both sides define, with their joined types."""
    merged: list[tree.Binding] = []
    for name in {**then, **otherwise}:
        left, right = then.get(name), otherwise.get(name)
        if left is None or right is None:
            checker.scope.forget((name,))
            continue
        if left == before.get(name) and right == before.get(name):
            continue
        joined = join(left.type, right.type, checker.facts)
        if joined is None:
            first = before.get(name)
            at = right.span if left == first else left.span
            checker.report(LoopCarriedTypeChange(at, name, str(left.type), str(right.type), None if first is None else first.span))
            joined = UnknownType("its type differs between branches")
        variable = checker.scope.bind(name, _on_device(joined), Region.DEVICE, left.span)
        merged.append(tree.Binding(variable.name, variable.type, left.span, Region.DEVICE))
    return merged


def _merge_unknown(checker: Checker, then: dict[str, Variable], otherwise: dict[str, Variable]) -> list[tree.Binding]:
    """Names after a branch that may be decided before run time: either side may be all there is, so nothing is an error."""
    merged: list[tree.Binding] = []
    for name in {**then, **otherwise}:
        left = then.get(name) or otherwise[name]
        right = otherwise.get(name) or left
        if left == right:
            checker.scope.variables[name] = left
            continue
        joined = join(left.type, right.type, checker.facts) or UnknownType("its type depends on a branch")
        variable = checker.scope.bind(name, joined, left.region, left.span)
        merged.append(tree.Binding(variable.name, variable.type, left.span, left.region))
    return merged


def _forbid_returns(checker: Checker, count: int, where: str) -> None:
    """A helper is inlined, so it cannot be left from inside what runs later."""
    for value in checker.returns[count:]:
        checker.report(UnsupportedStatement(value.span, f"`return` in {where}", "a helper function"))
    del checker.returns[count:]


def _on_device(type_: Type) -> Type:
    return NumberType(type_.kind, None, Region.DEVICE) if isinstance(type_, NumberType) else type_


# -- loops ----------------------------------------------------------------------------------------------------------


def _for(checker: Checker, node: ast.For, span: Span) -> None:
    if node.orelse:
        checker.report(LoopElse(checker.span_of(node.orelse[0])))
    op: Any = loop_op_of(checker, node.iter)
    if op is None and _is_range(checker, node.iter):
        op = checker.grid_op
    if op is not None:
        returned = len(checker.returns)
        with carrying(checker, node.body) as carried, block_of(checker) as body:
            loop = check_device_loop(checker, op, node, is_grid=False)
            check_device_body(checker, node.body)
        _forbid_returns(checker, returned, "a loop")
        bindings = finish_carried(checker, carried)
        if loop is not None:
            checker.statements.append(loop.finished(tuple(body), bindings))
        return
    _unrolled(checker, node, span)


def _is_range(checker: Checker, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range" and checker.scope.get("range") is None


def _unrolled(checker: Checker, node: ast.For, span: Span) -> None:
    iterator = check_expression(checker, node.iter)
    if isinstance(iterator.type, StarSequenceType):
        _unrolled_unknown_times(checker, node, iterator, iterator.type)
        return
    items = iterator.type.items if isinstance(iterator.type, SequenceType) else None
    if items is None or len(items) > _MAX_UNROLL:
        if not isinstance(iterator.type, UnknownType):
            checker.report(InvalidDeviceLoop(checker.span_of(node.iter), str(iterator.type)))
        _once(checker, node, iterator)
        return
    if not checker.may_unroll(len(items), checker.span_of(node.iter)):
        _once(checker, node, iterator)
        return
    for position, item in enumerate(items):
        value = iterator.items[position] if isinstance(iterator, tree.Sequence) else tree.Item(item, iterator.span, iterator, position)
        checker.scope.forget(n for n in assigned_names([ast.Assign(targets=[node.target], value=node.iter)]) if _is_device(checker, n))
        assign_device(checker, node.target, value)
        check_device_body(checker, node.body)


def _unrolled_unknown_times(checker: Checker, node: ast.For, iterator: tree.Expr, items: StarSequenceType) -> None:
    """A loop that is unrolled as often as the call says: one round stands for all, where it leaves the types of names as they were."""
    item = tree.HostValue(items.item, iterator.span, checker.file.text_of(iterator.span), (iterator,))
    before = checker.scope.copy()
    assign_device(checker, node.target, item)
    check_device_body(checker, node.body)
    for name in assigned_names(node.body):
        old, new = before.get(name), checker.scope.get(name)
        if old is not None and new is not None and old.region is Region.DEVICE and join(old.type, new.type, checker.facts) != old.type:
            checker.scope.bind(name, UnknownType("differs from round to round"), Region.DEVICE, checker.span_of(node))


def _once(checker: Checker, node: ast.For, iterator: tree.Expr) -> None:
    """The body of a loop over something unknown, checked for its own sake; the tree keeps a node that cannot be lowered."""
    unknown = tree.Poison(UnknownType("what the loop goes over is not known"), iterator.span, (iterator,))
    checker.statements.append(tree.Evaluate(iterator.span, unknown))
    with carrying(checker, node.body), block_of(checker):
        assign_device(checker, node.target, unknown)
        check_device_body(checker, node.body)
    for name in assigned_names(node.body):
        if _is_device(checker, name):
            checker.scope.bind(name, UnknownType("assigned in a loop over something unknown"), Region.DEVICE, checker.span_of(node))


def _is_device(checker: Checker, name: str) -> bool:
    found = checker.scope.get(name)
    return found is not None and found.region is Region.DEVICE


@contextmanager
def carrying(checker: Checker, body: list[ast.stmt]) -> Generator[dict[str, Variable]]:
    """While a loop's body is checked: the names it rebinds that exist before it. Numbers among them lose their value."""
    carried: dict[str, Variable] = {}
    for name in assigned_names(body):
        found = checker.scope.get(name)
        if found is not None and found.region is Region.DEVICE:
            carried[name] = found
            if isinstance(found.type, NumberType):
                checker.scope.variables[name] = Variable(found.name, _on_device(found.type), Region.DEVICE, found.span)
    before, axes, outer = set(checker.scope.variables), len(checker.axes), checker.statements
    yield carried
    for name in sorted(set(checker.scope.variables) - before):
        variable = checker.scope.variables.pop(name)
        initial = _before_first_round(checker, variable, checker.axes[axes:]) if name in checker.read_later else None
        if initial is not None:
            type_ = _on_device(variable.type)
            outer.append(tree.Assign(variable.span, tree.Binding(variable.name, type_, variable.span, Region.DEVICE), initial))
            checker.scope.variables[name] = carried[name] = Variable(variable.name, type_, Region.DEVICE, variable.span)


def _before_first_round(checker: Checker, variable: Variable, axes: list[Axis]) -> tree.Expr | None:
    """What a name that a loop assigns first holds if the loop never runs: zeros. None when its value has no meaning after the loop; of what
    is not known it may have one."""
    type_, span = variable.type, variable.span
    if isinstance(type_, UnknownType):
        return tree.Poison(type_, span)
    if isinstance(type_, NumberType) and variable.region is Region.DEVICE:
        zero = type_.kind(0)
        return tree.Constant(NumberType(type_.kind, dim(0) if type_.kind is int else zero), span, zero)
    inner = {axis.block.symbol for axis in axes if axis.block is not None}
    if not isinstance(type_, TensorType) or type_.region is Region.HOST:
        return None
    if any(isinstance(size, Dim) and size.free_symbols & inner for size in type_.shape):
        return None
    if type_.dtype is None or type_.rank is None:
        return tree.Poison(type_, span)
    sizes = tuple(tree.Constant(NumberType(int, size), span, size) for size in type_.dims)
    shape = tree.Sequence(SequenceType(tuple(size.type for size in sizes), list), span, sizes)
    zero = tree.Constant(NumberType(int, dim(0)), span, 0)
    return infer_op(checker, full, (shape, zero, tree.Constant(DtypeType(type_.dtype), span, type_.dtype)), span)


def finish_carried(checker: Checker, carried: dict[str, Variable]) -> tuple[tree.Binding, ...]:
    """What a loop carries, after checking that an iteration keeps each type."""
    bindings: list[tree.Binding] = []
    for name, before in carried.items():
        after = checker.scope.variables[name]
        joined = join(before.type, after.type, checker.facts)
        if joined is None:
            checker.report(LoopCarriedTypeChange(after.span, name, str(before.type), str(after.type), before.span))
            joined = UnknownType("its type changes in the loop")
        type_ = _on_device(joined)
        checker.scope.variables[name] = Variable(before.name, type_, Region.DEVICE, before.span)
        bindings.append(tree.Binding(before.name, type_, before.span, Region.DEVICE))
    return tuple(bindings)


def _while(checker: Checker, node: ast.While, span: Span) -> None:
    if node.orelse:
        checker.report(UnsupportedStatement(checker.span_of(node.orelse[0]), "`while ... else`", "device code"))
    with carrying(checker, node.body) as carried:
        condition = check_condition(checker, node.test)
        with block_of(checker) as body:
            check_device_body(checker, node.body)
        _forbid_returns(checker, 0, "a loop")
    bindings = finish_carried(checker, carried)
    checker.statements.append(tree.While(span, condition, tuple(body), bindings))
