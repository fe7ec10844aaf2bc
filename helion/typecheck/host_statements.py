"""Statements of the host: typed for the editor and for sizes, kept as text for the generated host function."""

from __future__ import annotations

import ast
import textwrap

from helion.diagnostics.catalog.loops import NestedGridLoop
from helion.diagnostics.catalog.python import UnsupportedStatement
from helion.source import Span
from helion.typecheck.checker import Checker
from helion.typecheck.expressions import check_expression
from helion.typecheck.operators import BINARY, check_operation, truth
from helion.typecheck.targets import bind_host
from helion.typed_kernel import tree
from helion.types.types import FunctionType, Region, SequenceType, Type, UnknownType

_UNSUPPORTED = (ast.With, ast.AsyncFor, ast.AsyncWith, ast.AsyncFunctionDef, ast.ClassDef, ast.FunctionDef, ast.Match, ast.Delete)


def check_host_statement(checker: Checker, node: ast.stmt) -> tree.HostStatement:
    """One top-level host statement with everything in it."""
    values: list[tree.Expr] = []
    before = len(checker.bindings)
    _walk(checker, node, values)
    span = checker.span_of(node)
    return tree.HostStatement(span, _text(checker, span), tuple(values), tuple(checker.bindings[before:]))


def _text(checker: Checker, span: Span) -> str:
    column = checker.file.position(span.start).column
    return textwrap.dedent(" " * column + checker.file.text_of(span))


def _walk(checker: Checker, node: ast.stmt, values: list[tree.Expr]) -> None:
    match node:
        case ast.Assign(targets=targets, value=value):
            _prepare_names(checker, targets[0], value)
            result = check_expression(checker, value)
            values.append(result)
            for target in targets:
                bind_host(checker, target, result.type)
        case ast.AnnAssign(target=target, value=value) if value is not None:
            result = check_expression(checker, value)
            values.append(result)
            bind_host(checker, target, result.type)
        case ast.AugAssign(target=target, op=op, value=value):
            left, right = check_expression(checker, _as_load(target)), check_expression(checker, value)
            result = check_operation(checker, BINARY[type(op)], (left, right), checker.span_of(node))
            values.extend((left, right))
            if isinstance(target, ast.Name):
                bind_host(checker, target, result.type)
        case ast.Expr(value=value):
            values.append(check_expression(checker, value))
        case ast.Return(value=value):
            if value is not None:
                values.append(check_expression(checker, value))
        case ast.Assert(test=test, msg=message):
            values.append(check_expression(checker, test))
            if message is not None:
                values.append(check_expression(checker, message))
        case ast.If(test=test, body=body, orelse=orelse):
            _branch(checker, test, body, orelse, values)
        case ast.For():
            _loop(checker, node, values)
        case ast.While(test=test, body=body):
            values.append(check_expression(checker, test))
            _block(checker, body, values)
        case ast.Raise(exc=raised):
            if raised is not None:
                values.append(check_expression(checker, raised))
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
            _block(checker, [*body, *orelse, *final], values)
            for handler in handlers:
                _block(checker, handler.body, values)
        case ast.Pass() | ast.Global() | ast.Import() | ast.ImportFrom() | ast.AnnAssign():
            pass
        case _:
            what = f"`{type(node).__name__.lower()}`"
            checker.report(UnsupportedStatement(checker.span_of(node), what, "a kernel"))


def _prepare_names(checker: Checker, target: ast.expr, value: ast.expr) -> None:
    """Block sizes registered by an assignment are named after its target."""
    checker.loop_targets.clear()
    if isinstance(target, ast.Name) and isinstance(value, ast.Call):
        function = value.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name == "register_block_size":
            checker.loop_targets.append(target.id)


def _as_load(target: ast.expr) -> ast.expr:
    return target


def _block(checker: Checker, body: list[ast.stmt], values: list[tree.Expr]) -> None:
    for statement in body:
        _walk(checker, statement, values)


def _branch(checker: Checker, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt], values: list[tree.Expr]) -> None:
    condition = check_expression(checker, test)
    values.append(condition)
    known = truth(condition.type)
    if known is not None:
        _block(checker, body if known else orelse, values)
        return
    before = checker.scope.copy()
    _block(checker, body, values)
    after = checker.scope.copy()
    checker.scope.restore(before)
    _block(checker, orelse, values)
    for name, variable in after.items():
        other = checker.scope.get(name)
        if other is None or other.type != variable.type:
            type_: Type = variable.type if other is None else UnknownType("decided at run time")
            checker.scope.bind(name, type_, Region.HOST, variable.span)


def _loop(checker: Checker, node: ast.For, values: list[tree.Expr]) -> None:
    if is_loop_call(checker, node.iter):
        checker.report(NestedGridLoop(checker.span_of(node)))
        return
    iterator = check_expression(checker, node.iter)
    values.append(iterator)
    items = iterator.type.items if isinstance(iterator.type, SequenceType) else ()
    same = bool(items) and all(item == items[0] for item in items)
    bind_host(checker, node.target, items[0] if same else UnknownType("differs from item to item"))
    _block(checker, [*node.body, *node.orelse], values)


def is_loop_call(checker: Checker, node: ast.expr) -> bool:
    """Whether an iterator is a call of `hl.tile`, `hl.grid` or another op that iterates."""
    return loop_op_of(checker, node) is not None


def loop_op_of(checker: Checker, node: ast.expr) -> object | None:
    """The op that a `for`'s iterator calls, if it is one that iterates; reports nothing."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
        return None
    before = len(checker.diagnostics)
    callee = check_expression(checker, node.func).type
    del checker.diagnostics[before:]
    if not isinstance(callee, FunctionType):
        return None
    op = checker.ops.find(callee.function)
    return op if op is not None and op.iterates is not None else None
