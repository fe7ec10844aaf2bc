"""A call whose string argument names a function of the kernel's module in, the call with that function in its place out."""

from __future__ import annotations

import inspect

from helion.ops.operation import Op
from helion.typecheck.checker import Checker
from helion.typed_kernel import tree
from helion.types.types import ConstantType, UserFunctionType


def name_function(
    checker: Checker, op: Op, args: tuple[tree.Expr, ...], kwargs: dict[str, tree.Expr]
) -> tuple[tuple[tree.Expr, ...], dict[str, tree.Expr]]:
    """The arguments, unchanged when the string names no function: what that means is for the op to say."""
    assert op.infer is not None
    parameters = tuple(inspect.signature(op.infer).parameters)[1:]

    def named(parameter: str, argument: tree.Expr) -> tree.Expr:
        return _function(checker, argument) if parameter == op.names_function else argument

    bound = tuple(named(parameter, argument) for parameter, argument in zip(parameters, args, strict=False))
    return (*bound, *args[len(bound) :]), {name: named(name, argument) for name, argument in kwargs.items()}


def _function(checker: Checker, argument: tree.Expr) -> tree.Expr:
    if not isinstance(argument.type, ConstantType) or not isinstance(argument.type.value, str):
        return argument
    name = argument.type.value.strip()
    found = checker.scope.names.resolve(name) if name.isidentifier() else None
    return tree.Constant(found, argument.span) if isinstance(found, UserFunctionType) else argument
