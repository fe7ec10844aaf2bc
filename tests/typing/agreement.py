"""The agreement property: types found without arguments, with the real sizes put in, are the types of the JIT or less specific."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sympy

from helion.source import Span
from helion.typed_kernel import tree
from helion.typed_kernel.queries import bindings, expressions
from helion.types.dims import BlockSymbol, Dim, SizeSymbol
from helion.types.types import (
    BlockSizeType,
    ConstantType,
    DictType,
    DtypeType,
    ElementFunctionType,
    FunctionType,
    MethodType,
    NumberType,
    OpaqueType,
    OptionalType,
    SequenceType,
    SliceType,
    Star,
    StarSequenceType,
    TensorType,
    TileType,
    Type,
    UnknownType,
    UserFunctionType,
)


class Sizes:
    """What the editor's named sizes stand for in one call; a name gets its meaning where it is first compared and keeps it."""

    def __init__(self, jit: tree.TypedKernel) -> None:
        self._values: dict[Any, Dim] = {}
        equal = {b: a for a, b in ((a.left, a.right) for a in jit.assumptions)}
        self._equal = {s: d for s, d in equal.items() if isinstance(s, SizeSymbol)}

    def covers(self, editor: Dim, jit: Dim) -> bool:
        editor, jit = sympy.sympify(editor), sympy.sympify(jit).xreplace(self._equal)
        unknown = [s for s in editor.free_symbols if isinstance(s, SizeSymbol) and s not in self._values]
        if editor in unknown:
            self._values[editor] = jit
            return True
        if unknown:
            return True
        value = editor.xreplace(self._values)
        return sympy.expand(value - jit) == 0 or bool(jit.has(BlockSymbol) and sympy.simplify(value - jit) == 0)


def covers(editor: Type, jit: Type, sizes: Sizes) -> bool:
    """Whether the editor's type, with the sizes put in, is the JIT's or less specific."""
    match editor, jit:
        case (UnknownType(), _):
            return True
        case (_, UnknownType()):
            return False
        case (OptionalType(inner=inner), _):
            return jit == ConstantType(None) or covers(inner, jit, sizes)
        case (TensorType(), TensorType()):
            return (
                editor.dtype in (None, jit.dtype)
                and editor.region is jit.region
                and _shape_covers(list(editor.shape), list(jit.shape), sizes)
            )
        case (NumberType(), NumberType() | BlockSizeType()):
            value = jit.value if isinstance(jit, NumberType) else jit.block.symbol
            kind = jit.kind if isinstance(jit, NumberType) else int
            return editor.kind is kind and (editor.value is None or _value_covers(editor.value, value, sizes))
        case (SequenceType(), SequenceType()):
            return (
                editor.kind is jit.kind
                and len(editor.items) == len(jit.items)
                and all(covers(a, b, sizes) for a, b in zip(editor.items, jit.items, strict=True))
            )
        case (StarSequenceType(item=item), SequenceType(items=items)):
            return all(covers(item, i, sizes) for i in items)
        case (TileType(axis=mine), TileType(axis=theirs)):
            return mine.name == theirs.name or theirs.name.startswith(mine.name)
        case (TileType(), SequenceType(items=items)):
            return all(isinstance(i, TileType) for i in items)
        case (SliceType(), SliceType()):
            pairs = ((editor.lower, jit.lower), (editor.upper, jit.upper), (editor.step, jit.step))
            return all(covers(a, b, sizes) for a, b in pairs)
        case (DtypeType(dtype=dtype), DtypeType()):
            return dtype in (None, jit.dtype)
        case (OpaqueType(cls=cls), ConstantType(value=value)):
            return isinstance(value, cls)
        case (OpaqueType(cls=cls), NumberType(kind=kind)):
            return cls is kind
        case (UserFunctionType(syntax=mine), UserFunctionType(syntax=theirs)):
            return mine.file.text_of(mine.span) == theirs.file.text_of(theirs.span)
        case (OpaqueType(), UserFunctionType() | FunctionType()):
            return True
        case (ElementFunctionType(result=mine), ElementFunctionType(result=theirs)):
            return covers(mine, theirs, sizes)
        case (MethodType(), MethodType()):
            return editor.name == jit.name and covers(editor.owner, jit.owner, sizes)
        case (DictType(), DictType()):
            return [k for k, _ in editor.items] == [k for k, _ in jit.items]
        case _:
            return str(editor) == str(jit)


def _value_covers(editor: Any, jit: Any, sizes: Sizes) -> bool:
    if jit is None:
        return isinstance(editor, Dim) and bool(editor.free_symbols)
    if isinstance(editor, Dim) and isinstance(jit, Dim):
        return sizes.covers(editor, jit)
    return editor == jit


def _shape_covers(editor: list[Dim | Star], jit: list[Dim | Star], sizes: Sizes) -> bool:
    at = next((i for i, d in enumerate(editor) if isinstance(d, Star)), None)
    if at is None:
        return len(editor) == len(jit) and all(sizes.covers(a, b) for a, b in zip(editor, jit, strict=True))  # type: ignore[arg-type]
    after = len(editor) - at - 1
    if len(jit) < at + after:
        return False
    pairs = [*zip(editor[:at], jit[:at], strict=True), *zip(editor[at + 1 :], jit[len(jit) - after :], strict=True)]
    return all(sizes.covers(a, b) for a, b in pairs)  # type: ignore[arg-type]


def disagreements(editor: tree.TypedKernel, jit: tree.TypedKernel) -> Iterator[str]:
    """What the editor says that the JIT contradicts, and what the JIT sees that the editor has nothing for."""
    sizes = Sizes(jit)
    mine, theirs = _by_span(editor), _by_span(jit)
    for span in sorted(theirs):
        text = f"line {jit.file.position(span.start).line + 1}, `{jit.file.text_of(span)}`"
        if span not in mine:
            yield f"{text}: nothing in the editor, {theirs[span][0]} in the JIT"
            continue
        for type_ in theirs[span]:
            if not any(covers(found, type_, sizes) for found in mine[span]):
                yield f"{text}: {', '.join(map(str, mine[span]))} in the editor, {type_} in the JIT"


def _by_span(kernel: tree.TypedKernel) -> dict[Span, list[Type]]:
    """The types at each place. What the checker itself adds, such as a value before the first round, stands at the name it is for."""
    found: dict[Span, list[Type]] = defaultdict(list)
    names = {binding.span for binding in bindings(kernel)}
    for item in (*bindings(kernel), *expressions(kernel)):
        is_added = item.span in names and not isinstance(item, tree.Binding | tree.Name)
        if not is_added and not (isinstance(item, tree.Item) and item.span == item.sequence.span):
            found[item.span].append(item.type)
    return found


def contradicts(editor: tree.TypedKernel, jit: tree.TypedKernel) -> bool:
    """Whether the arguments are not what the text led the editor to expect, so that nothing can be compared."""
    sizes = Sizes(jit)
    expected = [p.binding.type for p in editor.parameters]
    given = [p.binding.type for p in jit.parameters]
    return not all(covers(a, b, sizes) for a, b in zip(expected, given, strict=True))
