"""Annotations in, parameter types out: `torch.Tensor`, jaxtyping's `Float[Tensor, "m k"]`, `int`, `tuple[X, Y]`, `X | None`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import cast

import torch

from helion.types.dims import Dim, dim, size_symbol
from helion.types.types import DtypeType, NumberType, OpaqueType, Region, SequenceType, Star, TensorType, Type, UnknownType

_JAXTYPING: Mapping[str, torch.dtype | None] = MappingProxyType(
    {
        "Float32": torch.float32,
        "Float16": torch.float16,
        "BFloat16": torch.bfloat16,
        "Float64": torch.float64,
        "Int64": torch.int64,
        "Int32": torch.int32,
        "Int16": torch.int16,
        "Int8": torch.int8,
        "UInt64": torch.uint64,
        "UInt32": torch.uint32,
        "UInt16": torch.uint16,
        "UInt8": torch.uint8,
        "Float8e4m3fn": torch.float8_e4m3fn,
        "Float8e5m2": torch.float8_e5m2,
        "Complex64": torch.complex64,
        "Complex128": torch.complex128,
        "Bool": torch.bool,
        "Float": None,
        "Int": None,
        "UInt": None,
        "Integer": None,
        "Inexact": None,
        "Real": None,
        "Complex": None,
        "Shaped": None,
        "Num": None,
    }
)


def type_from_annotation(node: ast.expr | None, name: str) -> Type | None:
    """The type an annotation gives a parameter, None when it says nothing of use. A union with None is its other side."""
    match node:
        case None:
            return None
        case ast.Constant(value=str() as text):
            return _parsed(text, name)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return type_from_annotation(right if _is_none(left) else left, name)
        case ast.Subscript(value=value, slice=inner):
            head = _last(value)
            if head == "Optional":
                return type_from_annotation(inner, name)
            if head == "Union" and isinstance(inner, ast.Tuple):
                sides = [e for e in inner.elts if not _is_none(e)]
                return type_from_annotation(sides[0], name) if len(sides) == 1 else None
            if head == "Callable":
                return _CALLABLE
            if head in ("tuple", "Tuple"):
                return _tuple(inner, name)
            if head in _CONTAINERS:
                return UnknownType(f"a `{head}` whose length the call gives")
            if head in _JAXTYPING and isinstance(inner, ast.Tuple) and len(inner.elts) == 2:
                return _jaxtyping(head, inner.elts[1], name)
            return None
        case _:
            return _simple(_last(node), name)


def _tuple(inner: ast.expr, name: str) -> Type:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if any(isinstance(part, ast.Constant) and part.value is ... for part in parts):
        return UnknownType("a tuple whose length the call gives")
    types = [type_from_annotation(part, f"{name}_{position}") for position, part in enumerate(parts)]
    return SequenceType(tuple(UnknownType("nothing says what it is") if type_ is None else type_ for type_ in types))


_CONTAINERS = frozenset({"list", "List", "Sequence", "dict", "Dict", "Mapping", "Iterable"})
_CALLABLE = OpaqueType(cast("type", Callable))


def is_constexpr(node: ast.expr | None) -> bool:
    """Whether an annotation says that the value is a constant, which says nothing of its type."""
    return node is not None and "constexpr" in ast.unparse(node).lower()


def allows_none(node: ast.expr | None) -> bool:
    """Whether an annotation is a union with None."""
    match node:
        case ast.Constant(value=None):
            return True
        case ast.Constant(value=str() as text):
            try:
                return allows_none(ast.parse(text, mode="eval").body)
            except SyntaxError:
                return False
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return allows_none(left) or allows_none(right)
        case ast.Subscript(value=value, slice=inner):
            head = _last(value)
            return head == "Optional" or (head == "Union" and isinstance(inner, ast.Tuple) and any(_is_none(e) for e in inner.elts))
        case _:
            return False


def _parsed(text: str, name: str) -> Type | None:
    try:
        return type_from_annotation(ast.parse(text, mode="eval").body, name)
    except SyntaxError:
        return None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _simple(name: str, parameter: str) -> Type | None:
    match name:
        case "Tensor" | "Parameter":
            return TensorType((Star(parameter),), None, Region.HOST)
        case "int":
            return NumberType(int)
        case "float":
            return NumberType(float)
        case "bool":
            return NumberType(bool)
        case "str":
            return OpaqueType(str)
        case "Callable":
            return _CALLABLE
        case "dtype":
            return DtypeType(None)
        case "constexpr":
            return UnknownType("a constant that the call gives")
        case "tuple" | "Tuple":
            return UnknownType("a tuple whose length the call gives")
        case _ if name in _CONTAINERS:
            return UnknownType(f"a `{name}` whose length the call gives")
        case _:
            return None


def _jaxtyping(head: str, shape: ast.expr, name: str) -> Type | None:
    if not isinstance(shape, ast.Constant) or not isinstance(shape.value, str):
        return None
    dims: list[Dim | Star] = []
    for position, word in enumerate(shape.value.split()):
        plain = word.lstrip("#?").split("=")[-1]
        if plain.startswith("*") or plain == "...":
            dims.append(Star(name if plain == "..." else plain.lstrip("*")))
        elif plain.isdigit():
            dims.append(dim(int(plain)))
        else:
            dims.append(size_symbol(plain if plain != "_" else f"_{position}"))
    return TensorType(tuple(dims), _JAXTYPING[head], Region.HOST)
