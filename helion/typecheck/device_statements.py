"""Statements of device code: assignments, stores, loops, branches; static control flow is decided here, the rest becomes the tree's."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from helion.diagnostics.catalog.loops import InvalidDeviceLoop, LoopCarriedTypeChange, LoopElse
from helion.diagnostics.catalog.python import NotAllowedOnDevice, UnsupportedStatement
from helion.source import Span
from helion.syntax.names import assigned_names, read_names
from helion.syntax.parse import function_syntax
from helion.typecheck.carried import block_of, carrying, check_rounds
from helion.typecheck.checker import MOST_UNROLLED, Checker
from helion.typecheck.device_containers import append_on_device
from helion.typecheck.expressions import check_condition, check_expression
from helion.typecheck.host_containers import device_lists, is_container_change
from helion.typecheck.host_statements import loop_op_of
from helion.typecheck.lifted_numbers import as_lifted, lifted, on_device
from helion.typecheck.loops import OpenLoop, check_device_loop
from helion.typecheck.narrowing import narrow, narrowing_of, widened
from helion.typecheck.operators import BINARY, check_operation, is_undecided, truth
from helion.typecheck.scope import Variable
from helion.typecheck.targets import assign_device, assign_name, named_value, store_into
from helion.typecheck.wording import word_of
from helion.typed_kernel import tree
from helion.types.join import join, join_undecided
from helion.types.types import (
    ConstantType,
    Region,
    SequenceType,
    StarSequenceType,
    UnknownType,
    UserFunctionType,
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
            if append_on_device(checker, value):
                return
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
        case ast.Assert(test=test) if checker.inline_depth:
            _assertion(checker, test, span)
        case ast.FunctionDef(decorator_list=[], name=name) if checker.inline_depth:
            function = UserFunctionType(name, function_syntax(checker.file, node), checker.scope.names, checker.scope)
            assign_name(checker, name, tree.Constant(function, span), span)
        case ast.With() | ast.AsyncWith():
            checker.report(NotAllowedOnDevice(span, "`with`"))
            _bind_unknown(checker, node, span)
        case _:
            what = word_of(node)
            checker.report(UnsupportedStatement(span, what, "device code"))
            _bind_unknown(checker, node, span)


def _bind_unknown(checker: Checker, node: ast.stmt, span: Span) -> None:
    """What a statement that is not supported binds is not undefined."""
    for name in assigned_names([node]):
        if name not in checker.scope.variables:
            checker.scope.bind(name, UnknownType("bound by what is not supported"), Region.DEVICE, span)


def _assertion(checker: Checker, test: ast.expr, span: Span) -> None:
    """What a helper asserts of constants holds or is an error; of what the device computes nothing can be asserted."""
    condition = check_expression(checker, test)
    known = truth(condition.type)
    if known is False:
        checker.report(UnsupportedStatement(span, f"`{checker.file.text_of(span)}`, which fails here,", "device code"))
    elif known is None and not is_undecided(checker, condition.type):
        checker.report(UnsupportedStatement(span, "`assert` of what only the device knows", "device code"))


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
    undecided = bool(narrowing) or is_undecided(checker, condition.type)
    if undecided:
        checker.bake(condition.type)
        checker.possible_returns.extend(checker.returns[returned:])
        del checker.returns[returned:]
        merged = _merge_unknown(checker, after_then, after_else)
    else:
        _forbid_returns(checker, returned, "a branch decided at run time")
        merged = _merge(checker, before, (after_then, then), (after_else, otherwise))
    checker.statements.append(tree.If(span, condition, tuple(then), tuple(otherwise), tuple(merged)))


_Side = tuple[dict[str, Variable], list[tree.Stmt]]


def _merge(checker: Checker, before: dict[str, Variable], then: _Side, otherwise: _Side) -> list[tree.Binding]:
    """The names that a branch changes and that both sides define, with their joined types; a number that is a tensor on the other side is
    made one at its side's end."""
    merged: list[tree.Binding] = []
    for name in {**then[0], **otherwise[0]}:
        left, right = then[0].get(name), otherwise[0].get(name)
        if left is None or right is None:
            checker.scope.forget((name,))
            continue
        if left == before.get(name) and right == before.get(name):
            continue
        joined = join(left.type, right.type, checker.facts)
        for number, tensor, statements in ((left, right, then[1]), (right, left, otherwise[1])):
            if joined is None and (type_ := lifted(number.type, tensor.type)) is not None:
                read = tree.Name(number.type, number.span, number.name, number.region)
                statements.append(as_lifted(checker, number, read, type_))
                joined = type_
        if joined is None:
            first = before.get(name)
            kept, changed = (left, right) if left == first else (right, left)
            both = first not in (left, right)
            checker.report(LoopCarriedTypeChange(changed.span, name, str(kept.type), str(changed.type), kept.span, in_branches=both))
            joined = UnknownType("its type differs between branches")
        variable = checker.scope.bind(name, on_device(joined), Region.DEVICE, left.span)
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
        joined = join_undecided(left.type, right.type, checker.facts) or UnknownType("its type depends on a branch")
        variable = checker.scope.bind(name, joined, left.region, left.span)
        merged.append(tree.Binding(variable.name, variable.type, left.span, left.region))
    return merged


def _forbid_returns(checker: Checker, count: int, where: str) -> None:
    """A helper is inlined, so it cannot be left from inside what runs later."""
    for value in checker.returns[count:]:
        checker.report(UnsupportedStatement(value.span, f"`return` in {where}", "a helper function"))
    del checker.returns[count:]


# -- loops ----------------------------------------------------------------------------------------------------------


def _for(checker: Checker, node: ast.For, span: Span) -> None:
    if node.orelse:
        checker.report(LoopElse(checker.span_of(node.orelse[0])))
    op: Any = loop_op_of(checker, node.iter)
    if op is None and _is_range(checker, node.iter) and not device_lists(checker, node.body):
        op = checker.grid_op
    if op is not None:

        def check_round() -> OpenLoop | None:
            returned = len(checker.returns)
            loop = check_device_loop(checker, op, node, is_grid=False)
            check_device_body(checker, node.body)
            _forbid_returns(checker, returned, "a loop")
            return loop

        loop, body, bindings = check_rounds(checker, node.body, check_round)
        if loop is not None:
            checker.statements.append(loop.finished(body, bindings))
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
    if not checker.may_unroll(len(items), checker.span_of(node.iter), _rounds_inside(checker, node.body)):
        _once(checker, node, iterator)
        return
    outer, again = checker.read_later, checker.read_later | read_names(node.body)
    for position, item in enumerate(items):
        checker.read_later = outer if position == len(items) - 1 else again
        value = iterator.items[position] if isinstance(iterator, tree.Sequence) else tree.Item(item, iterator.span, iterator, position)
        checker.scope.forget(n for n in assigned_names([ast.Assign(targets=[node.target], value=node.iter)]) if _is_device(checker, n))
        assign_device(checker, node.target, value)
        check_device_body(checker, node.body)
        if checker.unrolled > MOST_UNROLLED:
            break  # a loop in this one went too far, and would in every round
    checker.read_later = outer


def _rounds_inside(checker: Checker, body: Iterable[ast.stmt]) -> int:
    """The rounds of the loops right in a body that are unrolled so often each time, as literals say."""
    loops = [node for node in body if isinstance(node, ast.For)]
    return sum(rounds * (1 + _rounds_inside(checker, loop.body)) for loop in loops if (rounds := _literal_rounds(checker, loop.iter)))


def _literal_rounds(checker: Checker, iterator: ast.expr) -> int:
    if not isinstance(iterator, ast.Call) or _is_range(checker, iterator) or loop_op_of(checker, iterator) is not None:
        return 0
    if not all(isinstance(argument, ast.Constant) for argument in (*iterator.args, *(k.value for k in iterator.keywords))):
        return 0
    type_ = check_expression(checker, iterator).type
    return len(type_.items) if isinstance(type_, SequenceType) else 0


def _unrolled_unknown_times(checker: Checker, node: ast.For, iterator: tree.Expr, items: StarSequenceType) -> None:
    """A loop that is unrolled as often as the call says: one round stands for all, where it leaves the types of names as they were."""
    item = tree.HostValue(items.item, iterator.span, checker.file.text_of(iterator.span), (iterator,))
    unknown = tree.Poison(UnknownType("how often the loop is unrolled is not known"), iterator.span, (iterator,))
    checker.statements.append(tree.Evaluate(iterator.span, unknown))
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


def _while(checker: Checker, node: ast.While, span: Span) -> None:
    if node.orelse:
        checker.report(UnsupportedStatement(checker.span_of(node.orelse[0]), "`while ... else`", "device code"))

    def check_round() -> tuple[tree.Expr, tuple[tree.Stmt, ...]]:
        with block_of(checker) as first:
            condition = check_condition(checker, node.test)
        returned = len(checker.returns)
        check_device_body(checker, node.body)
        _forbid_returns(checker, returned, "a loop")
        return condition, tuple(first)

    (condition, first), body, bindings = check_rounds(checker, node.body, check_round)
    checker.statements.append(tree.While(span, condition, body, bindings, first))
