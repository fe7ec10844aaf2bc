"""A call of the user's own function in, its value out: on the device its statements join the caller's, on the host only a type is kept."""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator
from contextlib import contextmanager

from helion.diagnostics.catalog.python import CallMismatch, UnsupportedStatement
from helion.source import Span
from helion.syntax.names import assigned_names, first_yield
from helion.syntax.tree import FunctionSyntax
from helion.typecheck.checker import Checker
from helion.typecheck.scope import Scope, Variable
from helion.typed_kernel import tree
from helion.types.join import join_undecided
from helion.types.other_sizes import with_sizes
from helion.types.sources import with_sources
from helion.types.types import (
    ConstantType,
    DictType,
    NumberType,
    Region,
    SequenceType,
    Type,
    UnknownType,
    UserFunctionType,
)

CheckExpression = Callable[[Checker, ast.expr], tree.Expr]
_MAX_INLINE_DEPTH = 12


def call_user_function(
    checker: Checker,
    function: UserFunctionType,
    args: tuple[tree.Expr, ...],
    kwargs: dict[str, tree.Expr],
    span: Span,
    check: CheckExpression,
) -> tree.Expr:
    """A helper: checked here and now with the argument types, its statements joining the caller's."""
    parts = (*args, *kwargs.values())
    if first_yield(function.syntax.node) is not None:
        return _generator(checker, function.name, span, parts)
    bound = _bind_parameters(checker, function, args, kwargs, span, check)
    if bound is None or checker.inline_depth >= _MAX_INLINE_DEPTH:
        if bound is not None:
            checker.report(CallMismatch(span, function.name, "it calls itself, or is nested too deeply"))
        return tree.Poison(UnknownType("not inlined"), span, parts)
    if checker.region is Region.HOST:
        type_ = _host_result(checker, function, bound, span, check)
        return tree.HostValue(type_, span, checker.file.text_of(span), parts)
    with _inside(checker, function, span, f"@{checker.helper_count + 1}"):
        for name, value in bound.items():
            variable = checker.scope.bind(name, value.type, Region.DEVICE, value.span)
            binding = tree.Binding(variable.name, value.type, value.span, Region.DEVICE)
            checker.statements.append(tree.Assign(span, binding, value))
        return _body_value(checker, function.syntax, span, check)


def _generator(checker: Checker, name: str, span: Span, parts: tuple[tree.Expr, ...]) -> tree.Expr:
    """A call that runs nothing yet: the host goes over it as Python does."""
    type_ = UnknownType("what a generator yields is not followed")
    if checker.region is Region.HOST:
        return tree.HostValue(type_, span, checker.file.text_of(span), parts)
    checker.report(UnsupportedStatement(span, f"`{name}`, which has a `yield`,", "device code"))
    return tree.Poison(type_, span, parts)


@contextmanager
def _inside(checker: Checker, function: UserFunctionType, span: Span, prefix: str) -> Generator[None]:
    """While a function's body is checked: its names, its returns, and the call's place where the function is of another file."""
    outer = checker.scope, checker.file, checker.span_override, checker.returns, checker.possible_returns, checker.read_later
    decisions, checker.decisions = checker.decisions, []
    checker.helper_count += 1
    syntax: FunctionSyntax = function.syntax
    checker.scope, checker.returns, checker.possible_returns = Scope(function.names, _enclosing(function), prefix), [], []
    checker.read_later = frozenset()
    if syntax.file.path != checker.file.path:
        checker.file, checker.span_override = syntax.file, span
    checker.inline_depth += 1
    yield
    checker.inline_depth -= 1
    checker.scope, checker.file, checker.span_override, checker.returns, checker.possible_returns, checker.read_later = outer
    checker.decisions = decisions


@contextmanager
def _where_defined(checker: Checker, function: UserFunctionType, span: Span) -> Generator[None]:
    """While defaults of parameters are checked: the names that they read, and the call's place where they are of another file."""
    outer = checker.scope, checker.file, checker.span_override
    known = {} if function.enclosing is None else dict(function.enclosing.variables)
    checker.scope = Scope(function.names, known, checker.scope.prefix)
    if function.syntax.file.path != checker.file.path:
        checker.file, checker.span_override = function.syntax.file, span
    yield
    checker.scope, checker.file, checker.span_override = outer


def _enclosing(function: UserFunctionType) -> dict[str, Variable]:
    """The variables that a function reads of the one it is defined in: all but those it assigns itself."""
    if function.enclosing is None:
        return {}
    node = function.syntax.node
    own = assigned_names([node.body] if isinstance(node, ast.Lambda) else node.body)
    return {name: variable for name, variable in function.enclosing.variables.items() if name not in own}


def _host_result(checker: Checker, function: UserFunctionType, bound: dict[str, tree.Expr], span: Span, check: CheckExpression) -> Type:
    """What a function that the host runs gives. It is ordinary Python, so nothing in it is a mistake of the kernel's; sizes that are
    named after its locals have no meaning outside it, where only running tells them."""
    diagnostics, bindings = len(checker.diagnostics), len(checker.bindings)
    origins, late_names = dict(checker.dim_origins), dict(checker.late_names)
    with _inside(checker, function, span, ""):
        for name, value in bound.items():
            checker.scope.bind(name, value.type, Region.HOST, value.span)
        type_ = _told(checker, _body_value(checker, function.syntax, span, check).type)
    del checker.diagnostics[diagnostics:], checker.bindings[bindings:]
    own = checker.dim_origins.keys() - origins.keys()
    checker.dim_origins, checker.late_names = origins, late_names
    return with_sizes(type_, {symbol: checker.late_size(checker.known_sizes.computed.get(symbol)) for symbol in own})


def _told(checker: Checker, type_: Type) -> Type:
    """A number that a function of the host gives, with what tells it said without the function's own names."""
    if not isinstance(type_, NumberType) or type_.value is not None:
        return type_
    return NumberType(type_.kind, told_by=checker.told_by(NumberType(type_.kind, told_by=type_.told_by)))


def _body_value(checker: Checker, syntax: FunctionSyntax, span: Span, check: CheckExpression) -> tree.Expr:
    if isinstance(syntax.node, ast.Lambda):
        return check(checker, syntax.node.body)
    if checker.region is Region.HOST:
        checker.check_host_body(checker, syntax.node.body)
    else:
        checker.check_device_body(checker, syntax.node.body)
    result = checker.returns[0] if checker.returns else tree.Constant(ConstantType(None), span)
    if not checker.possible_returns:
        return result
    type_: Type | None = result.type
    for other in checker.possible_returns:
        type_ = None if type_ is None else join_undecided(type_, other.type, checker.facts)
    if checker.region is Region.HOST and isinstance(type_, NumberType):
        returned = (result.type, *(other.type for other in checker.possible_returns))
        type_ = with_sources(NumberType(type_.kind), *returned, *checker.decisions)
    return tree.Poison(type_ or UnknownType("which `return` is taken is decided by the call"), span, (*checker.possible_returns, result))


def _bind_parameters(
    checker: Checker,
    function: UserFunctionType,
    args: tuple[tree.Expr, ...],
    kwargs: dict[str, tree.Expr],
    span: Span,
    check: CheckExpression,
) -> dict[str, tree.Expr] | None:
    syntax: FunctionSyntax = function.syntax
    parameters = syntax.node.args
    positional = [a.arg for a in (*parameters.posonlyargs, *parameters.args)]
    by_name = [*positional[len(parameters.posonlyargs) :], *(a.arg for a in parameters.kwonlyargs)]
    rest, others = args[len(positional) :], {name: value for name, value in kwargs.items() if name not in by_name}
    if (rest and parameters.vararg is None) or (others and parameters.kwarg is None):
        words = f"takes {len(positional) + len(parameters.kwonlyargs)} arguments, {len(args) + len(kwargs)} given"
        checker.report(CallMismatch(span, syntax.name, words))
        return None
    bound = dict(zip(positional, args, strict=False))
    twice = [name for name in kwargs if name in bound and name not in others]
    if twice:
        checker.report(CallMismatch(span, syntax.name, f"`{twice[0]}` is given twice"))
        return None
    bound |= {name: value for name, value in kwargs.items() if name not in others}
    defaults = dict(zip(positional[len(positional) - len(parameters.defaults) :], parameters.defaults, strict=True))
    defaults |= {a.arg: value for a, value in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True) if value is not None}
    names = dict.fromkeys((*positional, *by_name))
    with _where_defined(checker, function, span):
        bound |= {name: check(checker, defaults[name]) for name in names if name not in bound and name in defaults}
    missing = [name for name in names if name not in bound]
    if missing:
        checker.report(CallMismatch(span, syntax.name, f"missing {', '.join(missing)}"))
        return None
    if parameters.vararg is not None:
        bound[parameters.vararg.arg] = tree.Sequence(SequenceType(tuple(value.type for value in rest)), span, rest)
    if parameters.kwarg is not None:
        entries = DictType(tuple((name, value.type) for name, value in others.items()))
        bound[parameters.kwarg.arg] = tree.Sequence(entries, span, tuple(others.values()))
    return bound
