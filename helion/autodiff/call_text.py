"""A call's target and the texts of its arguments in, Python that makes the call out, as people write it; knows no kernel."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
import torch.nn.functional
from torch._ops import OpOverload

import helion.language as hl
from helion.ops.table import OPS
from helion.types import operators as operator

_aten: Any = torch.ops.aten
_prims: Any = torch.ops.prims
ATOM = 9
_PREFIX = 7
# How tightly operators bind; those of one level are read from the left.
_LEVELS = MappingProxyType(
    {sign: level for level, signs in enumerate(("== != < <= > >=", "|", "^", "&", "<< >>", "+ -", "* / // % @")) for sign in signs.split()}
)


@dataclass(frozen=True)
class Text:
    """Python of an expression; `level` is how tightly its outermost operator binds."""

    text: str
    level: int = ATOM

    def within(self, level: int) -> str:
        """The text as an operand of something that binds as tightly as `level`."""
        return self.text if self.level >= level else f"({self.text})"

    @property
    def owner(self) -> str:
        """The text before a dot or a subscript."""
        return self.within(ATOM)


_PYTHON: Mapping[Any, str] = MappingProxyType(
    {
        operator.add: "+",
        operator.sub: "-",
        operator.mul: "*",
        operator.truediv: "/",
        operator.floordiv: "//",
        operator.mod: "%",
        operator.matmul: "@",
        operator.and_: "&",
        operator.or_: "|",
        operator.xor: "^",
        operator.lshift: "<<",
        operator.rshift: ">>",
        operator.eq: "==",
        operator.ne: "!=",
        operator.lt: "<",
        operator.le: "<=",
        operator.gt: ">",
        operator.ge: ">=",
    }
)
_ATEN = {"add": "+", "sub": "-", "mul": "*", "div": "/", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_INFIX: Mapping[Any, str] = MappingProxyType(
    {
        **_PYTHON,
        **{getattr(getattr(_aten, name), overload): sign for name, sign in _ATEN.items() for overload in ("Tensor", "Scalar")},
        _aten.bitwise_and.Tensor: "&",
        _aten.bitwise_or.Tensor: "|",
    }
)
_SIGNS: Mapping[Any, str] = MappingProxyType({operator.neg: "-", operator.invert: "~", operator.pos: "+", _aten.neg.default: "-"})
# What a value in registers has no use for: another name of the same memory, and memory of its own.
_SAME = frozenset({_aten.detach.default, _aten.alias.default, _aten.clone.default, _aten.lift_fresh.default, _aten.lift_fresh_copy.default})
_OF_MEMORY = frozenset({"device", "layout", "pin_memory", "memory_format"})


def call_text(target: Callable[..., Any], args: Sequence[Text], kwargs: Mapping[str, Text], rank: int | None = None) -> Text:
    """`target(*args, **kwargs)`, whose result has `rank` dims if that is known."""
    options = {name: value for name, value in kwargs.items() if name not in _OF_MEMORY}
    if (sign := _INFIX.get(target)) is not None and len(args) == 2 and not options:
        level = _LEVELS[sign]
        return Text(f"{args[0].within(level + (level == 0))} {sign} {args[1].within(level + 1)}", level)
    if (sign := _SIGNS.get(target)) is not None:
        return Text(f"{sign}{args[0].within(_PREFIX)}", _PREFIX)
    return _special(target, args, options, rank) or _plain(target, args, options)


def _special(target: Any, args: Sequence[Text], options: Mapping[str, Text], rank: int | None) -> Text | None:
    """What is written otherwise than by its name."""
    if target in _SAME:
        return args[0]
    if target is _prims.convert_element_type.default:
        return Text(f"{args[0].owner}.to({args[1].text})")
    if target is _prims.fma.default:
        product = call_text(operator.mul, args[:2], {})
        return call_text(operator.add, (product, args[2]), {})
    if target is _aten.pow.Tensor_Scalar:
        return args[0] if args[1].text in ("1", "1.0") else Text(f"{args[0].owner} ** {args[1].within(_PREFIX)}", _PREFIX)
    if target is _aten.unsqueeze.default and rank is not None:
        place = int(args[1].text) % rank
        return Text(f"{args[0].owner}[{', '.join('None' if i == place else ':' for i in range(rank))}]")
    if target is _aten.scalar_tensor.default and options.keys() <= {"dtype"} and "float" in options.get("dtype", args[0]).text:
        return args[0] if "." in args[0].text or "float" in args[0].text else constant_text(float(args[0].text))
    if target is _prims.iota.default and options["start"].text == "0" and options["step"].text == "1":
        return Text(f"torch.arange({args[0].text}, dtype={options['dtype'].text})")
    if target is hl.subscript:
        return Text(f"{args[0].owner}[{args[1].text[1:-1].replace('slice(None)', ':')}]")
    op = OPS.find(target)
    return Text(f"{args[0].owner}.{op.tile_attribute}") if op is not None and op.tile_attribute is not None else None


def _plain(target: Any, args: Sequence[Text], options: Mapping[str, Text]) -> Text:
    schema: Any = target._schema if isinstance(target, OpOverload) else None  # pyright: ignore[reportPrivateUsage]  # torch has no public name
    name: str = target.__name__ if schema is None else schema.name.split("::")[1]
    function = _function(target, name)
    listed = [f"{name}={value.text}" for name, value in options.items()]
    positional = [value.text for value in args]
    if schema is not None:
        flags = {p for p, value in enumerate(positional) if value in ("True", "False")}
        first = min(flags, default=len(positional))
        named = zip(schema.arguments[first:], positional[first:], strict=False)
        positional, listed = positional[:first], [*(f"{a.name}={text}" for a, text in named), *listed]
    if function is not None:
        return Text(f"{function}({', '.join((*positional, *listed))})")
    return Text(f"{args[0].owner}.{name}({', '.join((*positional[1:], *listed))})")


def _function(target: Any, name: str) -> str | None:
    """How a function is called; None for what is a method of its first argument."""
    if getattr(hl, name, None) is target:
        return f"hl.{name}"
    is_overload = isinstance(target, OpOverload)
    if callable(found := getattr(torch, name, None)) and (is_overload or found is target):
        return f"torch.{name}"
    if not is_overload and getattr(torch.nn.functional, name, None) is target:
        return f"torch.nn.functional.{name}"
    if hasattr(torch.Tensor, name):
        return None
    return f"torch.ops.{target}" if is_overload else name


def constant_text(value: Any) -> Text:
    """A Python value as it is written."""
    match value:
        case float() if not math.isfinite(value):
            return Text(f'float("{value}")')
        case bool() | None | str():
            return Text(repr(value))
        case int() | float():
            return Text(repr(value), ATOM if math.copysign(1.0, value) > 0 else _PREFIX)
        case _:
            return Text(str(value))
