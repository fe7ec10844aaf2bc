"""Python text of a size of an argument (`n`, `x.size(0)`, `pair.left.stride(0)`) in, its value in a call out; evaluates no text."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sympy

from helion.typecheck.index_width import MAX_INT32, named_reaches
from helion.typed_kernel.tree import TypedKernel
from helion.types.dims import Assumption, Dim, dim_text

_SIZE = re.compile(r"(?P<name>\w+)(?P<items>(\.\w+(?!\w*\()|\[[^\]]+\])*)(\.(?P<method>size|stride)\((?P<position>\d+)\))?")
_ITEM = re.compile(r"\.(?P<field>\w+)|\[(?P<key>[^\]]+)\]")
SizeGetter = Callable[[Sequence[Any]], Any]


def size_getter(expression: str, parameters: Sequence[str]) -> SizeGetter | None:
    """The function from a call's positional arguments to the value; None when the text is not of this kind."""
    match = _SIZE.fullmatch(expression)
    if match is None or match["name"] not in parameters:
        return None
    argument = parameters.index(match["name"])
    path = tuple(_item_getter(item) for item in _ITEM.finditer(match["items"]))
    method, position = match["method"], int(match["position"] or 0)
    if method == "size" and not path:
        return lambda args: args[argument].size(position)

    def get(args: Sequence[Any]) -> Any:
        value = args[argument]
        for item in path:
            value = item(value)
        return value if method is None else getattr(value, method)(position)

    return get


def _item_getter(item: re.Match[str]) -> Callable[[Any], Any]:
    field = item["field"]
    return operator.attrgetter(field) if field else operator.itemgetter(ast.literal_eval(item["key"]))


def guards_of(typed: TypedKernel, parameters: Sequence[str]) -> tuple[Guard, ...]:
    """The assumptions of a check that a later call may break: those between sizes of arguments."""
    found = (_guard(assumption, typed, parameters) for assumption in typed.assumptions)
    return tuple(guard for guard in found if guard is not None)


class Guard:
    """Two sizes that must be equal for a specialization to serve a call."""

    def __init__(self, assumption: Assumption, getters: Mapping[sympy.Symbol, SizeGetter], words: str) -> None:
        self.words = words
        self._sides = _side(assumption.left, getters), _side(assumption.right, getters)

    def holds(self, args: Sequence[Any]) -> bool:
        left, right = self._sides
        return left(args) == right(args)


def _side(size: Dim, getters: Mapping[sympy.Symbol, SizeGetter]) -> SizeGetter:
    """A size as a function of a call's arguments."""
    if isinstance(size, sympy.Symbol):
        return getters[size]
    value: Any = sympy.lambdify(list(getters), size, modules="math")
    return lambda args: value(*(get(args) for get in getters.values()))


def width_getter(typed: TypedKernel, parameters: Sequence[str]) -> SizeGetter | None:
    """Whether a call makes tensors that 32-bit indices do not reach all of; None when no call does more than its arguments say."""
    reaches: list[Any] = []
    getters: dict[Any, SizeGetter] = {}
    for reach in named_reaches(typed):
        found = _getters(reach.free_symbols, typed, parameters)
        if found is not None:
            reaches.append(reach)
            getters |= found
    if not reaches:
        return None
    # At every call with sizes as arguments: one function for all of them, and each size asked for once.
    lambdify: Any = sympy.lambdify  # of one expression, its type says
    values = lambdify(list(getters), reaches, modules="math")
    sizes = tuple(getters.values())
    return lambda args: max(values(*[get(args) for get in sizes])) > MAX_INT32


def _getters(symbols: Iterable[Any], typed: TypedKernel, parameters: Sequence[str]) -> dict[Any, SizeGetter] | None:
    """How a call gives each size; None when it does not give one of them."""
    getters: dict[Any, SizeGetter] = {}
    for symbol in sorted(symbols, key=str):
        origin = typed.dim_origins.get(symbol)
        getter = size_getter(origin.host_expression, parameters) if origin is not None and origin.host_expression else None
        if getter is None:
            return None
        getters[symbol] = getter
    return getters


def _guard(assumption: Assumption, typed: TypedKernel, parameters: Sequence[str]) -> Guard | None:
    symbols = assumption.left.free_symbols | assumption.right.free_symbols
    getters = _getters(symbols, typed, parameters)
    if getters is None:
        return None
    texts: Any = {symbol: sympy.Symbol(str(typed.dim_origins[symbol].host_expression)) for symbol in getters}
    left, right = (dim_text(size.xreplace(texts)) for size in assumption.enough or (assumption.left, assumption.right))
    return Guard(assumption, getters, f"{left} to be at least {right}" if assumption.enough else f"{left} and {right} to be equal")
