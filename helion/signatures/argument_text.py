"""The types of arguments in, Python expressions that make such arguments on the device `device` out."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from helion.syntax.tree import FunctionSyntax
from helion.types.dims import constant
from helion.types.types import ConstantType, NumberType, SequenceType, TensorType, Type, UserFunctionType


def argument_texts(types: Sequence[Type], names: Sequence[str]) -> tuple[str, ...] | str:
    """The expressions, or why one cannot be made."""
    texts: list[str] = []
    for type_, name in zip(types, names, strict=True):
        text = _text(type_)
        if text is None:
            return f"`{name}` is {type_}, which cannot be made up"
        texts.append(text)
    return tuple(texts)


def _text(type_: Type) -> str | None:
    match type_:
        case TensorType():
            return _tensor(type_)
        case NumberType(value=value, kind=kind) if value is not None:
            return repr(kind(value))
        case ConstantType(value=value):
            return repr(value)
        case SequenceType(items=items, kind=kind):
            texts = [_text(item) for item in items]
            whole = ", ".join(text for text in texts if text is not None)
            if None in texts:
                return None
            return f"[{whole}]" if kind is list else f"({whole},)" if len(texts) == 1 else f"({whole})"
        case UserFunctionType(syntax=FunctionSyntax() as function):
            return function.name if isinstance(function.node, ast.FunctionDef) else function.file.text_of(function.span)
        case _:
            return None


def _tensor(type_: TensorType) -> str | None:
    """Random values; integers are drawn from {0, 1}, since they may be indices."""
    if type_.dtype is None or type_.rank is None or any(constant(size) is None for size in type_.dims):
        return None
    shape = [int(size) for size in type_.dims]
    if not (type_.dtype.is_floating_point or type_.dtype.is_complex):
        return f"torch.randint(0, 2, {shape}, device=device).to({type_.dtype})"
    # Narrow floats have no random values of their own.
    dtype = f", dtype={type_.dtype}" if type_.dtype.itemsize > 1 else ""
    made = f"torch.randn({shape}{dtype}, device=device)"
    return made if dtype else f"{made}.to({type_.dtype})"
