"""`and`, `or` and conditional expressions in, one expression out. What Python leaves out is not checked where the check knows it, and is in
a branch of its own where only the device does, if it reads memory or has an effect."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

import torch

from helion.source import Span
from helion.typecheck.carried import block_of
from helion.typecheck.checker import Checker
from helion.typecheck.lifted_numbers import filled, on_device
from helion.typecheck.narrowing import narrow, narrowing_of
from helion.typecheck.operators import OPEN_TRUTH, as_number, as_truth, check_boolean, is_open, is_undecided, one_truth, truth
from helion.typed_kernel import tree
from helion.types.dims import dim
from helion.types.join import join_undecided
from helion.types.sources import with_sources
from helion.types.types import NumberType, Region, TensorType, Type, UnknownType

CheckExpression = Callable[[Checker, ast.expr], tree.Expr]
_Side = tuple[list[tree.Stmt], tree.Expr]


def check_logical(checker: Checker, node: ast.BoolOp, span: Span, check: CheckExpression, *, of_truth: bool = False) -> tree.Expr:
    """`and`/`or`: the operand that decides, or the last one; `of_truth` where only its truth is asked for. Operands after one that is known
    to decide are not looked at."""
    is_and = isinstance(node.op, ast.And)
    result: tree.Expr | None = None
    for operand in node.values:
        with block_of(checker) as statements:
            value = check_truth(checker, operand, check) if of_truth else one_truth(checker, check(checker, operand))
        known = is_and if result is None else truth(result.type)
        if result is None or known is is_and:
            checker.statements.extend(statements)
            result = value
        else:
            result = _both(checker, node.op, result, (statements, value), span, of_truth=of_truth)
        if truth(result.type) is (not is_and):
            break
    assert result is not None
    return result


def check_truth(checker: Checker, node: ast.expr, check: CheckExpression) -> tree.Expr:
    """An expression that is asked for its truth and nothing else: one for the whole program."""
    match node:
        case ast.BoolOp():
            span = checker.span_of(node)
            result = check_logical(checker, node, span, check, of_truth=True)
            checker.note(span, result)
            return result
        case _:
            return one_truth(checker, check(checker, node))


def _both(checker: Checker, op: ast.boolop, before: tree.Expr, side: _Side, span: Span, *, of_truth: bool) -> tree.Expr:
    """What an undecided operand and the next one are together."""
    statements, value = side
    is_and, are_bools = isinstance(op, ast.And), _is_bool(before.type) and _is_bool(value.type)
    nothing: _Side = ([], before)
    if is_undecided(checker, before.type) or isinstance(value.type, UnknownType) or is_open(value.type):
        if not of_truth and not are_bools:
            checker.bake(before.type)
            return _of_host(checker, before, (side, nothing) if is_and else (nothing, side), span)
        checker.statements.extend(statements)
        return check_boolean(checker, op, [before, value], span)
    if not of_truth and not are_bools:
        return _either(checker, before, (side, nothing) if is_and else (nothing, side), span)
    if truth(value.type) is None and _is_felt(checker, statements, value):
        decided: _Side = ([], tree.Constant(NumberType(bool, not is_and), span, not is_and))
        type_ = value.type if isinstance(value.type, TensorType) else NumberType(bool, None, Region.DEVICE)
        return _branched(checker, before, (side, decided) if is_and else (decided, side), type_, span)
    checker.statements.extend(statements)
    return check_boolean(checker, op, [before, value], span)


def _is_bool(type_: Type) -> bool:
    number = as_number(type_)
    if number is not None:
        return number.kind is bool
    return type_ == OPEN_TRUTH or (isinstance(type_, TensorType) and type_.dtype is torch.bool)


def check_conditional(checker: Checker, node: ast.IfExp, span: Span, check: CheckExpression) -> tree.Expr:
    """`a if c else b`: where the condition is known the other side is not looked at."""
    condition = check_truth(checker, node.test, check)
    known = truth(condition.type)
    if known is not None:
        return check(checker, node.body if known else node.orelse)
    narrowing = narrowing_of(checker, node.test)
    before = checker.scope.copy()
    narrow(checker, narrowing.held)
    with block_of(checker) as then_statements:
        then = check(checker, node.body)
    checker.scope.restore(before)
    narrow(checker, narrowing.failed)
    with block_of(checker) as else_statements:
        otherwise = check(checker, node.orelse)
    checker.scope.restore(before)
    sides = ((then_statements, then), (else_statements, otherwise))
    if narrowing or is_undecided(checker, condition.type):
        checker.bake(condition.type)
        return _of_host(checker, condition, sides, span)
    return _either(checker, condition, sides, span)


def _either(checker: Checker, condition: tree.Expr, sides: tuple[_Side, _Side], span: Span) -> tree.Expr:
    """The value of one of two sides, which only the run time knows."""
    (then_statements, then), (else_statements, otherwise) = sides
    if checker.region is Region.HOST:
        return _of_host(checker, condition, sides, span)
    with checker.calling(span, {}):
        decides = as_truth(checker, condition)
        type_ = _selected(checker, decides, then, otherwise)
    if isinstance(type_, TensorType | NumberType) and any(_is_felt(checker, *side) for side in sides):
        return _branched(checker, condition, sides, on_device(type_), span)
    checker.statements.extend((*then_statements, *else_statements))
    return tree.Call(type_, span, torch.where, (decides, then, otherwise))


def _of_host(checker: Checker, condition: tree.Expr, sides: tuple[_Side, _Side], span: Span) -> tree.Expr:
    """One of two sides that the host chooses, or that the call does."""
    (then_statements, then), (else_statements, otherwise) = sides
    checker.statements.extend((*then_statements, *else_statements))
    type_ = join_undecided(then.type, otherwise.type, checker.facts) or UnknownType("decided at run time")
    numbers = [side.type for side in (then, otherwise) if isinstance(side.type, NumberType)]
    if isinstance(type_, NumberType) and all(number.region is Region.HOST for number in numbers):
        type_ = with_sources(NumberType(type_.kind), condition.type, *numbers)
    return tree.HostValue(type_, span, checker.file.text_of(span), (condition, then, otherwise))


def _is_felt(checker: Checker, statements: Iterable[tree.Stmt], value: tree.Expr) -> bool:
    """Whether it matters that an expression of the device is evaluated: it reads memory, or has an effect."""
    if checker.region is not Region.DEVICE:
        return False
    calls = (e for e in tree.expressions_in((*statements, tree.Evaluate(value.span, value))) if isinstance(e, tree.Call))
    ops = (checker.ops.find(call.target) for call in calls)
    return any(op is not None and (op.accesses is not None or op.has_effect or op.takes_host_tensors) for op in ops)


def _selected(checker: Checker, condition: tree.Expr, then: tree.Expr, otherwise: tree.Expr) -> Type:
    """The type of either side, as `torch.where` has it; of integers an integer."""
    numbers = [as_number(side.type) for side in (then, otherwise)]
    if all(number is not None and number.kind is int for number in numbers):
        return NumberType(int, None, Region.DEVICE)
    decides = condition.type if as_number(condition.type) is None else TensorType((), torch.bool, Region.DEVICE)
    return checker.torch_type(torch.where, (decides, then.type, otherwise.type), {})


def _branched(checker: Checker, condition: tree.Expr, sides: tuple[_Side, _Side], type_: Type, span: Span) -> tree.Expr:
    """A name that has the value of one side after a branch."""
    checker.helper_count += 1
    binding = tree.Binding(f"either@{checker.helper_count}", type_, span, Region.DEVICE)
    then, otherwise = ((*statements, tree.Assign(span, binding, _as(checker, value, type_))) for statements, value in sides)
    checker.statements.append(tree.If(span, condition, then, otherwise, (binding,)))
    return tree.Name(type_, span, binding.name, Region.DEVICE)


def _as(checker: Checker, value: tree.Expr, type_: Type) -> tree.Expr:
    """A side's value in the type of both: a number as a tensor of it, a tensor brought to its shape and dtype."""
    if not isinstance(type_, TensorType) or value.type == type_:
        return value
    if not isinstance(value.type, TensorType):
        return filled(checker, type_, value, value.span)
    everywhere = TensorType(type_.shape, torch.bool, Region.DEVICE)
    always = filled(checker, everywhere, tree.Constant(NumberType(bool, True), value.span, True), value.span)
    nothing = filled(checker, type_, tree.Constant(NumberType(int, dim(0)), value.span, 0), value.span)
    return tree.Call(type_, value.span, torch.where, (always, value, nothing))
