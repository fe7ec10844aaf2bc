"""A test of an optional parameter (`bias is not None`) in, what is known about it on either side out."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from helion.typecheck.checker import Checker
from helion.typecheck.scope import Variable
from helion.types.types import ConstantType, OptionalType


@dataclass(frozen=True)
class Narrowing:
    """The optional names that a test settles where it holds and where it does not: True means None."""

    held: Mapping[str, bool] = field(default_factory=dict[str, bool])
    failed: Mapping[str, bool] = field(default_factory=dict[str, bool])

    def inverted(self) -> Narrowing:
        return Narrowing(self.failed, self.held)

    def __bool__(self) -> bool:
        return bool(self.held or self.failed)


def is_optional(checker: Checker, name: str) -> bool:
    variable = checker.scope.get(name)
    return variable is not None and isinstance(variable.type, OptionalType)


def narrowing_of(checker: Checker, test: ast.expr) -> Narrowing:
    """What a test says about optional names; nothing when it is about something else."""
    match test:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]):
            if not is_optional(checker, name):
                return Narrowing()
            found = Narrowing({name: True}, {name: False})
            return found if isinstance(op, ast.Is) else found.inverted()
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return narrowing_of(checker, inner).inverted()
        case ast.BoolOp(op=op, values=values):
            parts = [narrowing_of(checker, value) for value in values]
            if isinstance(op, ast.And):
                return Narrowing({name: known for part in parts for name, known in part.held.items()})
            return Narrowing({}, {name: known for part in parts for name, known in part.failed.items()})
        case _:
            return Narrowing()


def narrow(checker: Checker, names: Mapping[str, bool]) -> None:
    """Give names the type they have on one side of a test."""
    for name, is_none in names.items():
        variable = checker.scope.get(name)
        if variable is not None and isinstance(variable.type, OptionalType):
            type_ = ConstantType(None) if is_none else variable.type.inner
            checker.scope.variables[name] = replace(variable, type=type_)


def widened(before: Mapping[str, Variable], after: dict[str, Variable]) -> dict[str, Variable]:
    """The names after a branch, with what it knew of optional ones it did not assign forgotten."""
    return {
        name: before[name] if name in before and isinstance(before[name].type, OptionalType) and before[name].span == v.span else v
        for name, v in after.items()
    }
