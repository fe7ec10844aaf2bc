"""Two bounds of a slice in, how far they are apart out, though neither is known before run time: `k0 : k0 + 8` is 8 long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from helion.ops.table import OPS
from helion.typed_kernel import tree
from helion.types import operators as operator
from helion.types.dims import Dim, dim
from helion.types.types import BlockSizeType, NumberType, TileType

# A sum of things only known at run time, each times a size; what is known already stands under None.
_Sum = Mapping[Any, Dim]
_ZERO = dim(0)


def distance(statements: Sequence[tree.Stmt], lower: tree.Expr, upper: tree.Expr) -> Dim | None:
    """`upper - lower`, where all that is unknown cancels out. `statements` are those before the slice in its block: a name that one
    of them gives to an expression stands for it."""
    low, high = _sum_of(statements, lower), _sum_of(statements, upper)
    difference = _added(high, _scaled(low, dim(-1)))
    return difference.get(None, _ZERO) if set(difference) <= {None} else None


def _sum_of(statements: Sequence[tree.Stmt], expr: tree.Expr) -> _Sum:
    known = _known(expr)
    if known is not None:
        return {None: known}
    match expr:
        case tree.Name(name=name):
            return _named(statements, name)
        case tree.Call(target=target, args=(left, right)) if target is operator.add:
            return _added(_sum_of(statements, left), _sum_of(statements, right))
        case tree.Call(target=target, args=(left, right)) if target is operator.sub:
            return _added(_sum_of(statements, left), _scaled(_sum_of(statements, right), dim(-1)))
        case tree.Call(target=target, args=(left, right)) if target is operator.mul and (factor := _known(right)) is not None:
            return _scaled(_sum_of(statements, left), factor)
        case tree.Call(target=target, args=(left, right)) if target is operator.mul and (factor := _known(left)) is not None:
            return _scaled(_sum_of(statements, right), factor)
        case _:
            return {_key(statements, expr): dim(1)}


def _known(expr: tree.Expr) -> Dim | None:
    match expr.type:
        case NumberType(kind=kind, value=Dim() as value) if kind is int:
            return value
        case BlockSizeType(block):
            return block.symbol
        case _:
            return None


def _named(statements: Sequence[tree.Stmt], name: str) -> _Sum:
    """What a name stands for: the expression last assigned to it, else itself as the statement that last changed it left it."""
    for position in range(len(statements) - 1, -1, -1):
        statement = statements[position]
        if isinstance(statement, tree.Assign) and statement.target.name == name:
            found = _sum_of(statements[:position], statement.value)
            return {key if _is_fixed(key) else (key, "at", position): factor for key, factor in found.items()}
        if name in _rebound(statement):
            return {("name", name, position): dim(1)}
    return {("name", name, -1): dim(1)}


def _rebound(statement: tree.Stmt) -> set[str]:
    match statement:
        case tree.If(merged=merged):
            return {binding.name for binding in merged}
        case tree.Loop(carried=carried) | tree.While(carried=carried):
            return {binding.name for binding in carried}
        case _:
            return set()


def _is_fixed(key: Any) -> bool:
    """Whether what a key stands for is the same wherever it is evaluated: a tile's, or tied to a statement already."""
    return key is None or key[0] in ("tile", "name") or key[1] == "at"


def _key(statements: Sequence[tree.Stmt], expr: tree.Expr) -> Any:
    """Equal for expressions that give the same value at this place of the program."""
    match expr:
        case tree.Call(target=target, args=args) if _is_of_a_tile(expr):
            return ("tile", target, args[0].type)
        case tree.Call(target=target, args=args, kwargs=kwargs):
            return ("call", target, *(_key(statements, arg) for arg in args), *((k, _key(statements, v)) for k, v in kwargs))
        case tree.Sequence(items=items):
            return ("items", *(_key(statements, item) for item in items))
        case tree.Item(sequence=sequence, index=index):
            return ("item", _key(statements, sequence), index)
        case tree.Name(name=name):
            return ("value", tuple(sorted(((str(k), f) for k, f in _named(statements, name).items()), key=lambda pair: pair[0])))
        case tree.Constant(value=value):
            return ("constant", repr(value), expr.type)
        case tree.Captured(path=path) | tree.HostValue(text=path):
            return ("host", path)
        case _:
            return ("place", expr.span)


def _is_of_a_tile(call: tree.Call) -> bool:
    op = OPS.find(call.target)
    return op is not None and op.tile_attribute is not None and len(call.args) == 1 and isinstance(call.args[0].type, TileType)


def _added(left: _Sum, right: _Sum) -> _Sum:
    total = {key: left.get(key, _ZERO) + right.get(key, _ZERO) for key in {**left, **right}}
    return {key: value for key, value in total.items() if value != 0}


def _scaled(terms: _Sum, factor: Dim) -> _Sum:
    return {key: value * factor for key, value in terms.items()}
