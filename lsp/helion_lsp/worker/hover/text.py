"""A typed kernel in, a Markdown text for every span that has something to say out: types, where sizes come from, masks, bytes, loops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from helion.source import Span
from helion.typed_kernel import tree
from helion.typed_kernel.queries import bindings, expressions
from helion.types.dims import BlockSymbol, Dim, constant, dim_text
from helion.types.types import (
    Axis,
    Block,
    BlockSizeType,
    ConstantType,
    FunctionType,
    MethodType,
    ModuleType,
    NumberType,
    Region,
    SequenceType,
    Star,
    TensorType,
    TileType,
    Type,
    UnknownType,
)
from helion_lsp.worker.hover.dtype import dtype_origins
from helion_lsp.worker.hover.functions import function_text, method_text


def hovers(typed: tree.TypedKernel) -> Iterator[tuple[Span, str]]:
    """One text a span; bindings before reads, so that a parameter's says where its type comes from."""
    seen: set[Span] = set()
    texts: dict[tuple[Type, Region | None, tuple[str, ...]], str | None] = {}  # printing sizes is most of the work, and types recur
    same: dict[tuple[int, Region | None, tuple[str, ...]], str | None] = {}  # as the same object mostly, which need not be hashed
    evidence = {p.binding.span: p.evidence for p in typed.parameters if p.evidence not in ("", "no evidence")}
    dtypes = dtype_origins(typed)
    entries: list[tuple[Span, Type, Region | None]] = [(b.span, b.type, b.region) for b in bindings(typed)]
    entries += [(e.span, e.type, e.region if isinstance(e, tree.Name) else None) for e in expressions(typed)]
    yield typed.name_span, _kernel(typed)
    for span, text in _loops(typed):
        seen.add(span)
        yield span, text
    for span, text in (*_methods(typed), *_stores(typed)):
        if span not in seen:
            seen.add(span)
            yield span, text
    for span, type_, region in entries:
        if span in seen or isinstance(type_, ModuleType | MethodType):
            continue
        known = tuple(words for words in (evidence.get(span), dtypes.get(span)) if words is not None)
        object_ = (id(type_), region, known)
        if object_ not in same:
            about = (type_, region, known)
            if about not in texts:
                texts[about] = function_text(type_) if isinstance(type_, FunctionType) else type_text(typed, type_, region, known)
            same[object_] = texts[about]
        text = same[object_]
        if text is not None:
            seen.add(span)
            yield span, text


def _kernel(typed: tree.TypedKernel) -> str:
    """What it takes, and what holds of every call."""
    facts = [f"`{p.binding.name}`: `{p.binding.type}`" for p in typed.parameters]
    facts += [f"requires `{assumption}`" for assumption in typed.assumptions]
    facts += [f"`{name}` is specialized" for name, _ in typed.specialized]
    if typed.index_bits > 32:
        facts.append(f"offsets have {typed.index_bits} bits")
    return "\n".join([f"`{typed.name}` · kernel", *(["", *(f"- {fact}" for fact in facts)] if facts else [])])


def _methods(typed: tree.TypedKernel) -> Iterator[tuple[Span, str]]:
    """At a method's own name, so that the value before the dot says what it is."""
    for each in expressions(typed):
        if isinstance(each.type, MethodType):
            text = method_text(each.type)
            if text is not None and typed.file.text_of(each.span).endswith(f".{each.type.name}"):
                yield Span(each.span.end - len(each.type.name), each.span.end), text


def _stores(typed: tree.TypedKernel) -> Iterator[tuple[Span, str]]:
    """At `out[tile]` where it is assigned, and at calls that only store; what is stored says itself what it is."""
    for each in expressions(typed):
        if isinstance(each, tree.Call) and each.args and isinstance(each.type, ConstantType) and each.type.value is None:
            owner = each.args[0].type
            if isinstance(owner, TensorType) and owner.region is Region.HOST:
                yield each.span, f"store into `{owner}` · device"


def type_text(typed: tree.TypedKernel, type_: Type, region: Region | None, known: Sequence[str]) -> str | None:
    """`f32[tile_m, tile_n] · device`, then a list of facts; None where there is nothing worth saying."""
    if isinstance(type_, ConstantType):
        return None
    if isinstance(type_, UnknownType):
        return f"`?` · unknown: {type_.because}" if type_.because else None
    facts = [*known, *_dims(typed, type_)]
    match type_:
        case TileType(axis=axis):
            facts = [*facts, f"{_block(axis.block)}; covers {_range(axis)}"]
        case BlockSizeType(block=block):
            facts = [*facts, _block(block)]
        case TensorType(region=Region.DEVICE):
            facts = [*facts, *_masked(typed, type_), *_bytes(type_)]
        case _:
            pass
    where = region or (type_.region if isinstance(type_, TensorType | NumberType) else None)
    head = f"`{type_}`" if where is None else f"`{type_}` · {where.value}"
    return "\n".join([head, "", *(f"- {fact}" for fact in facts)]) if facts else head


def _loops(typed: tree.TypedKernel) -> Iterator[tuple[Span, str]]:
    """A text on the `for` of every device loop."""
    pending: list[tree.Stmt] = list(typed.body)
    while pending:
        match pending.pop():
            case tree.Loop(axes=axes, body=body, is_grid=is_grid, span=span, carried=carried):
                head = "a program a tile" if is_grid else "in order inside one program"
                facts = [f"`{axis.name}`: {_block(axis.block)}; covers {_range(axis)}" for axis in axes]
                if carried and not is_grid:
                    facts.append(f"carried from one iteration to the next: {', '.join(f'`{b.name}`' for b in carried)}")
                names = ", ".join(axis.name for axis in axes)
                yield Span(span.start, span.start + len("for")), "\n".join([f"`for {names}` · {head}", "", *(f"- {f}" for f in facts)])
                pending.extend(body)
            case tree.If(then=then, otherwise=otherwise):
                pending.extend((*then, *otherwise))
            case tree.While(body=body):
                pending.extend(body)
            case _:
                pass


def _block(block: Block | None) -> str:
    if block is None:
        return "one index at a time"
    return f"block size `block_sizes[{block.entry}]`" if block.entry is not None else f"block size fixed at {block.fixed}"


def _range(axis: Axis) -> str:
    begin = "?" if axis.begin is None else str(axis.begin)
    return f"`[{begin}, {'an end read on the device' if axis.end is None else axis.end})`"


def _dims(typed: tree.TypedKernel, type_: Type) -> Iterator[str]:
    for symbol in dict.fromkeys(_symbols(type_)):
        origin = typed.dim_origins.get(symbol)
        if origin is not None:
            entry = next((b.entry for b in typed.blocks if b.symbol == symbol and b.entry is not None), None)
            yield f"`{dim_text(symbol)}`: {origin.text}" + (f", `block_sizes[{entry}]`" if entry is not None else "")


def _symbols(type_: Type) -> Iterator[Any]:
    match type_:
        case TensorType(shape=shape):
            for size in shape:
                if not isinstance(size, Star):
                    yield from sorted(size.free_symbols, key=dim_text)
        case NumberType(value=Dim() as value):
            yield from sorted(value.free_symbols, key=dim_text)
        case BlockSizeType(block=block):
            yield block.symbol
        case SequenceType(items=items):
            for item in items:
                yield from _symbols(item)
        case _:
            pass


def _masked(typed: tree.TypedKernel, type_: TensorType) -> Iterator[str]:
    """Which lanes lie beyond what a loop covers. A block of 1, or one that divides its range, has none; that is the config's affair."""
    for size in dict.fromkeys(s for s in type_.shape if isinstance(s, BlockSymbol)):
        ends = [a.end for a in typed.axes if a.block is not None and a.block.symbol == size and a.end is not None]
        if ends:
            yield f"lanes of `{dim_text(size)}` past `{dim_text(ends[0])}` are masked"


def _bytes(type_: TensorType) -> Iterator[str]:
    if type_.dtype is None or type_.rank is None or not type_.shape:
        return
    total: Dim | int = type_.dtype.itemsize
    for size in type_.dims:
        total = total * size
    known = constant(total) if isinstance(total, Dim) else total
    yield f"{known} bytes a tile" if known is not None or isinstance(total, int) else f"`{dim_text(total)}` bytes a tile"
