"""A statement that puts an item into a list of device code in; the variable given a longer list out: device values change no place."""

from __future__ import annotations

import ast

from helion.typecheck.checker import Checker
from helion.typecheck.expressions import check_expression
from helion.typecheck.subscripts import item_of
from helion.typecheck.targets import assign_name
from helion.typed_kernel import tree
from helion.types.types import Region, SequenceType


def append_on_device(checker: Checker, node: ast.expr) -> bool:
    """Whether the statement is `parts.append(value)` or `parts.extend(values)` of a list made in device code, now followed."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name) as owner, attr="append" | "extend" as method), args=[given], keywords=[]):
            variable = checker.scope.get(name)
        case _:
            return False
    held = None if variable is None or variable.region is not Region.DEVICE else variable.type
    if variable is None or not isinstance(held, SequenceType) or held.kind is not list:
        return False
    span, added = checker.span_of(node), check_expression(checker, given)
    match method, added.type:
        case "append", _:
            after = (added,)
        case _, SequenceType(items=types):
            after = tuple(item_of(checker, added, i, added.span) for i in range(len(types)))
        case _:
            return False
    read = tree.Name(held, checker.span_of(owner), variable.name, Region.DEVICE)
    before = tuple(item_of(checker, read, i, span) for i in range(len(held.items)))
    items = (*before, *after)
    assign_name(checker, name, tree.Sequence(SequenceType(tuple(item.type for item in items), list), span, items), checker.span_of(owner))
    return True
