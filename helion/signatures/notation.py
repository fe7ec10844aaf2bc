"""The one notation for argument types, used by hovers, `--args` and lock keys: `bf16[4096,4096], f32[m], int(3), None, 'gelu'`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from helion.diagnostics.catalog.runtime import BadSignature
from helion.signatures.signature import KernelSignature, ParameterType
from helion.source import Span
from helion.syntax.tree import KernelSyntax
from helion.types.dims import Dim, constant, dim, size_symbol
from helion.types.dtypes import FROM_SHORT_NAME, short_name
from helion.types.types import ConstantType, DimOrigin, DtypeType, NumberType, Region, SequenceType, TensorType, Type, UnknownType
from helion.types.untyped import is_sequence

_TENSOR = re.compile(r"(?P<dtype>[a-z][a-z0-9]*)\[(?P<dims>[^\]]*)\]")
_NUMBER = re.compile(r"(?P<kind>int|float|bool)(\((?P<value>[^)]*)\))?")
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class _Problem(Exception):
    text: str
    why: str


def parse_notation(text: str) -> tuple[Type, ...] | BadSignature:
    """The types that a signature lists, or what is wrong with it."""
    try:
        return tuple(_one(part) for part in _split(text))
    except _Problem as problem:
        return BadSignature(Span(0, 0), problem.text, problem.why)


def _split(text: str) -> Iterator[str]:
    """The parts between top-level commas."""
    depth, start = 0, 0
    for position, char in enumerate(text):
        depth += (char in "[(") - (char in "])")
        if char == "," and depth == 0:
            yield text[start:position].strip()
            start = position + 1
    if text[start:].strip():
        yield text[start:].strip()


def _one(text: str) -> Type:
    if (match := _TENSOR.fullmatch(text)) is not None:
        dtype = FROM_SHORT_NAME.get(match["dtype"])
        if dtype is None:
            raise _Problem(text, f"`{match['dtype']}` is not a dtype; one of {', '.join(FROM_SHORT_NAME)}")
        return TensorType(tuple(_dim(part.strip(), text) for part in match["dims"].split(",") if part.strip()), dtype, Region.HOST)
    if (match := _NUMBER.fullmatch(text)) is not None:
        return _number(match["kind"], match["value"], text)
    if text.startswith("(") and text.endswith(")"):
        return SequenceType(tuple(_one(part) for part in _split(text[1:-1])))
    if text in FROM_SHORT_NAME:
        return DtypeType(FROM_SHORT_NAME[text])
    if text == "?":
        return UnknownType("left open")
    try:
        return ConstantType(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        raise _Problem(text, "write `bf16[1024,64]`, `int(3)`, `float`, `None` or a string in quotes") from None


def _dim(text: str, whole: str) -> Dim:
    if text.isdigit():
        return dim(int(text))
    if _NAME.fullmatch(text):
        return size_symbol(text)
    raise _Problem(whole, f"`{text}` is not a size")


def _number(kind: str, value: str | None, text: str) -> Type:
    cls = {"int": int, "float": float, "bool": bool}[kind]
    if value is None:
        return NumberType(cls)
    try:
        parsed = ast.literal_eval(value)
    except (ValueError, SyntaxError):
        raise _Problem(text, f"`{value}` is not a value") from None
    return NumberType(cls, dim(parsed) if cls is int else cls(parsed))


def format_notation(types: Sequence[Type]) -> str:
    """The text of a signature: no spaces inside a shape, `, ` between arguments."""
    return ", ".join(_text(t) for t in types)


def _text(type_: Type) -> str:
    match type_:
        case TensorType(shape=shape, dtype=dtype):
            return f"{short_name(dtype)}[{','.join(str(d).replace(' ', '') for d in shape)}]"
        case NumberType(kind=kind, value=value):
            return kind.__name__ if value is None or (isinstance(value, Dim) and constant(value) is None) else f"{kind.__name__}({value})"
        case SequenceType(items=items):
            return f"({format_notation(items)})"
        case DtypeType(dtype=dtype):
            return short_name(dtype)
        case ConstantType(value=value):
            return repr(value)
        case _:
            return "?"


def notation_of_arguments(args: Sequence[Any]) -> str:
    """The signature of live arguments: exact sizes; numbers by kind, since their values are not part of a lock."""

    def type_of(value: Any) -> Type:
        match value:
            case torch.Tensor():
                return TensorType(tuple(dim(s) for s in value.shape), value.dtype, Region.HOST)
            case bool() | int() | float():
                return NumberType(type(value))
            case _ if is_sequence(value):
                return SequenceType(tuple(type_of(v) for v in value))
            case torch.dtype():
                return DtypeType(value)
            case None | str():
                return ConstantType(value)
            case _:
                return UnknownType("not part of a signature")

    return format_notation([type_of(a) for a in args])


def signature_from_notation(kernel: KernelSyntax, text: str) -> KernelSignature | BadSignature:
    """A kernel's signature from text with one part a parameter; parameters left out at the end keep their defaults."""
    types = parse_notation(text)
    if isinstance(types, BadSignature):
        return types
    node = kernel.function.node
    arguments = [*node.args.posonlyargs, *node.args.args]
    if len(types) > len(arguments):
        return BadSignature(Span(0, 0), text, f"`{kernel.name}` takes {len(arguments)} arguments, {len(types)} given")
    missing = len(arguments) - len(types)
    if missing > len(node.args.defaults):
        return BadSignature(Span(0, 0), text, f"`{kernel.name}` takes {len(arguments)} arguments, {len(types)} given")
    parameters = {a.arg: ParameterType(t, "given signature") for a, t in zip(arguments, types, strict=False)}
    defaults = node.args.defaults[len(node.args.defaults) - missing :]
    for argument, default in zip(arguments[len(types) :], defaults, strict=True):
        parameters[argument.arg] = ParameterType(_of_default(default), "default")
    origins = {
        symbol: DimOrigin(f"size {i} of `{name}`", None, f"{name}.size({i})")
        for name, parameter in reversed(parameters.items())
        if isinstance(parameter.type, TensorType)
        for i, size in reversed(list(enumerate(parameter.type.dims)))
        for symbol in size.free_symbols
    }
    return KernelSignature(parameters, origins)


def _of_default(node: ast.expr) -> Type:
    try:
        value = ast.literal_eval(node)
    except (ValueError, SyntaxError):
        return UnknownType("a default that is computed")
    if isinstance(value, bool | int | float):
        return (
            NumberType(type(value)) if not isinstance(value, int) else NumberType(type(value), dim(value) if type(value) is int else value)
        )
    return ConstantType(value)
