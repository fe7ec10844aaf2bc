"""An expression over constants in, the value it has when its module is imported out: literals, arithmetic, `math`; runs nothing else."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, cast

_MOST_BITS = 256
_untyped: Any = operator  # the library has no types for most of them
_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = MappingProxyType(
    {
        ast.Add: _untyped.add,
        ast.Sub: _untyped.sub,
        ast.Mult: _untyped.mul,
        ast.Div: _untyped.truediv,
        ast.FloorDiv: _untyped.floordiv,
        ast.Mod: _untyped.mod,
        ast.Pow: _untyped.pow,
        ast.LShift: _untyped.lshift,
        ast.RShift: _untyped.rshift,
        ast.BitAnd: _untyped.and_,
        ast.BitOr: _untyped.or_,
        ast.BitXor: _untyped.xor,
    }
)


class NotConstant(Exception):
    """Only importing the module tells what an expression is."""


def constant_value(node: ast.expr, value_of: Callable[[str], object]) -> object:
    """The value; `value_of` gives that of a name, the module `math` itself among them. Raises NotConstant, also for arithmetic that
    fails or gives numbers too large to be meant."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        pass
    try:
        return _value(node, value_of)
    except (ArithmeticError, TypeError, ValueError) as problem:
        raise NotConstant(str(problem)) from problem


def _value(node: ast.expr, value_of: Callable[[str], object]) -> object:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return value_of(name)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            values = [_value(item, value_of) for item in items]
            return values if isinstance(node, ast.List) else tuple(values)
        case ast.Dict(keys=keys, values=values) if None not in keys:
            pairs = zip(keys, values, strict=True)
            return {_value(key, value_of): _value(value, value_of) for key, value in pairs if key is not None}
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(operand, value_of)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _computed(type(op), _number(left, value_of), _number(right, value_of))
        case ast.Attribute(value=ast.Name() as owner, attr=attribute) if _value(owner, value_of) is math:
            return getattr(math, attribute, None)
        case ast.Call(func=ast.Attribute(value=ast.Name() as owner, attr=attribute), args=args, keywords=[]) if (
            _value(owner, value_of) is math and attribute != "factorial" and hasattr(math, attribute)
        ):
            return cast("object", getattr(math, attribute)(*(_number(argument, value_of) for argument in args)))
        case _:
            raise NotConstant(ast.unparse(node))


def _number(node: ast.expr, value_of: Callable[[str], object]) -> int | float:
    value = _value(node, value_of)
    if not isinstance(value, int | float):
        raise NotConstant(ast.unparse(node))
    return value


def _computed(op: type[ast.operator], left: int | float, right: int | float) -> int | float:
    """One operation; a power or a shift that would be a huge number is not computed."""
    bits = max(int(abs(left)).bit_length(), 1)
    grown = bits * abs(right) if op is ast.Pow else bits + abs(right) if op is ast.LShift else bits
    if grown > _MOST_BITS:
        raise NotConstant("too large to be meant")
    return _BINARY[op](left, right)
