"""Functions that are arguments of an op (`hl.reduce`, `hl.associative_scan`): checked here for one element, by their own statements."""

from __future__ import annotations

import ast
from collections.abc import Callable

from helion.ops.operation import Op
from helion.source import Span
from helion.typecheck.checker import Checker
from helion.typecheck.rule_signatures import signature_of
from helion.typed_kernel import tree
from helion.types.types import ElementFunctionType, FunctionType, KernelType, Region, SequenceType, Type, UserFunctionType

Call = Callable[[tree.Expr, tuple[tree.Expr, ...]], tree.Expr]


def trace_arguments(
    checker: Checker, op: Op, args: tuple[tree.Expr, ...], kwargs: dict[str, tree.Expr], span: Span, call: Call
) -> tuple[tuple[tree.Expr, ...], dict[str, tree.Expr]]:
    """The arguments with the functions among them traced; unchanged when they do not fit the op, which is reported later."""
    assert op.infer is not None and op.traces is not None
    try:
        bound = signature_of(op.infer).bind(None, *args, **kwargs).arguments
    except TypeError:
        return args, kwargs
    values = {name: value for name, value in bound.items() if isinstance(value, tree.Expr)}
    with checker.calling(span, {name: value.span for name, value in values.items()}):
        wanted = op.traces(checker, **{name: value.type for name, value in values.items()})
    traced = {id(values[name]): _trace(checker, values[name], choices, call) for name, choices in wanted.items()}
    return tuple(traced.get(id(a), a) for a in args), {name: traced.get(id(value), value) for name, value in kwargs.items()}


def _trace(checker: Checker, function: tree.Expr, choices: tuple[tuple[Type, ...], ...], call: Call) -> tree.Expr:
    callee = _of_kernel(function)
    if not isinstance(callee.type, UserFunctionType | FunctionType):
        return function
    types, names = _fitting(callee.type, choices)
    checker.helper_count += 1
    bindings: list[tree.Binding] = []
    arguments = tuple(_parameter(checker, type_, name, function.span, bindings) for type_, name in zip(types, names, strict=False))
    outer, checker.statements = checker.statements, []
    result = call(callee, arguments)
    body, checker.statements = tuple(checker.statements), outer
    type_ = ElementFunctionType(callee.type.name, result.type)
    return tree.Function(type_, function.span, callee.type.name, tuple(bindings), body, result)


def _of_kernel(function: tree.Expr) -> tree.Expr:
    """A kernel as a combine function means the function that it decorates."""
    if not isinstance(function.type, KernelType):
        return function
    return tree.HostValue(function.type.function, function.span, function.type.name, (function,))


def _fitting(function: UserFunctionType | FunctionType, choices: tuple[tuple[Type, ...], ...]) -> tuple[tuple[Type, ...], list[str]]:
    """The parameter types that fit the function's signature, and what it calls its parameters."""
    if isinstance(function, FunctionType):
        return choices[0], ["left", "right", *(f"argument_{i}" for i in range(2, max(map(len, choices))))]
    parameters: ast.arguments = function.syntax.node.args
    names = [a.arg for a in (*parameters.posonlyargs, *parameters.args)]
    least = len(names) - len(parameters.defaults)
    chosen = next((c for c in choices if least <= len(c) <= len(names)), choices[0])
    return chosen, [*names, *(f"argument_{i}" for i in range(len(names), len(chosen)))]


def _parameter(checker: Checker, type_: Type, name: str, span: Span, bindings: list[tree.Binding]) -> tree.Expr:
    """A parameter as the function's body reads it; a tuple is one binding an item."""
    if isinstance(type_, SequenceType):
        items = tuple(_parameter(checker, item, f"{name}_{i}", span, bindings) for i, item in enumerate(type_.items))
        return tree.Sequence(type_, span, items)
    bindings.append(tree.Binding(f"{name}@{checker.helper_count}", type_, span, Region.DEVICE))
    return tree.Name(type_, span, bindings[-1].name, Region.DEVICE)
