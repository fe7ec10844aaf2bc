"""The host function of a generated module: the kernel's host statements in order, with each run of device loops as one launch."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from helion.codegen.allocations import Allocations
from helion.codegen.layout import Layout
from helion.codegen.saved_values import PARAMETERS, SavedValues
from helion.codegen.writer import Writer
from helion.device_ir.ir import DeviceIR
from helion.ops.tunables import register_block_size, register_tunable, specialize
from helion.source import Span
from helion.syntax.statement_text import at_the_margin
from helion.typed_kernel import tree
from helion.types.dims import TunableSymbol, constant
from helion.types.types import BlockSizeType, NumberType, SequenceType, TensorType, TunableType, Type

_ONE_SIZE = re.compile(r"(\w+)\.size\((-?\d+)\)")
_ALL_SIZES = re.compile(r"\w+\.(?:size\(\)|shape)")
_UNPACKED = re.compile(rf"(?:\w+ *, *)+\w* *= *{_ALL_SIZES.pattern}")


def write_host_function(
    ir: DeviceIR, layout: Layout, saved: SavedValues, writer: Writer, name: str, launch: Callable[[Writer], None]
) -> None:
    """`launch` writes the launch, which stands where the first device loop stood."""
    parameters = [p.binding.name for p in ir.kernel.parameters]
    allocations = Allocations(ir, layout, saved)
    listed = ", ".join([*parameters, "*", "_launcher=_default_launcher"])
    writer.line(f"def {name}({listed}):")
    launched = False
    with writer.indented():
        _save(saved, PARAMETERS, writer)
        for index, item in enumerate(ir.host):
            if isinstance(item, tree.HostStatement):
                sooner = [*allocations.of_statement(index, item), *_known_sizes(ir, item)]
                _host_statement(ir, layout, writer, item, sooner)
                if not launched:
                    _save(saved, index, writer)
            elif not launched:
                launch(writer)
                launched = True


def _save(saved: SavedValues, index: int, writer: Writer) -> None:
    for alias, name in saved.after(index):
        writer.line(f"{alias} = {name}")


def _host_statement(
    ir: DeviceIR, layout: Layout, writer: Writer, statement: tree.HostStatement, sooner: Sequence[tuple[Span, str]]
) -> None:
    """`sooner` are the edits of the statement where nothing watches; they keep its number of lines."""
    lines = _as_run(ir, layout, statement, ()).splitlines()
    unwatched = _as_run(ir, layout, statement, sooner).splitlines() if sooner else lines
    with writer.at(statement.span):
        for line, other in zip(lines, unwatched, strict=True):
            writer.line(line, other)


def _as_run(ir: DeviceIR, layout: Layout, statement: tree.HostStatement, first: Sequence[tuple[Span, str]]) -> str:
    """The statement's text with what only the compiler understands replaced: block sizes and tunables by their values,
    `hl.specialize(x)` by `x`. And sizes by what takes the host less; but for what the edits `first` replace."""
    edits = [*first, *_outside(first, _replacements(layout, statement))]
    edits += _outside(edits, _size_reads(ir, statement))
    edits.sort(reverse=True)
    if not edits:
        return statement.text
    file = ir.kernel.file
    text, base = file.text_of(statement.span), statement.span.start
    for span, replacement in edits:
        text = text[: span.start - base] + replacement + text[span.end - base :]
    return at_the_margin(text, file.position(base).column)


def _outside(edits: Sequence[tuple[Span, str]], others: Iterable[tuple[Span, str]]) -> list[tuple[Span, str]]:
    """The `others` that no edit replaces anyway."""
    return [other for other in others if not any(span.start <= other[0].start < span.end for span, _ in edits)]


def _replacements(layout: Layout, statement: tree.HostStatement) -> Iterator[tuple[Span, str]]:
    for value in statement.values:
        for call in _calls(value):
            if call.target is register_block_size and isinstance(call.type, BlockSizeType):
                yield call.span, str(layout.block_length(call.type.block))
            elif call.target is register_tunable:
                yield call.span, repr(layout.tunable_value(_tunable_symbol(call.type)))
            elif call.target is specialize and call.args:
                yield Span(call.span.start, call.args[0].span.start), "("


def _size_reads(ir: DeviceIR, statement: tree.HostStatement) -> Iterator[tuple[Span, str]]:
    """`x.size(0)` takes torch 0.3 µs at every call, half of them to tell which of its two forms is meant."""
    found: dict[Span, set[str]] = defaultdict(set)
    for value in tree.expressions_in([statement]):
        if not (isinstance(value, tree.HostValue) and value.parts and isinstance(value.parts[0].type, TensorType)):
            continue
        read = _ONE_SIZE.fullmatch(value.text)
        if read is not None and value.text == ir.kernel.file.text_of(value.span):  # not of a function in another file
            known = value.type.as_dim if ir.kernel.static_shapes and isinstance(value.type, NumberType) else None
            length = None if known is None else constant(known)
            found[value.span].add(f"{read[1]}.shape[{read[2]}]" if length is None else str(length))
    for span, texts in found.items():
        # Not of a function that it calls, and not where a loop's rounds see other tensors under one name.
        if statement.span.start <= span.start and span.end <= statement.span.end and len(texts) == 1:
            yield span, texts.pop()


def _known_sizes(ir: DeviceIR, statement: tree.HostStatement) -> Iterator[tuple[Span, str]]:
    """`m, n = x.size()` as numbers. To people the text says more as it is."""
    values = [value for value in statement.values if isinstance(value, tree.HostValue) and _ALL_SIZES.fullmatch(value.text)]
    if not ir.kernel.static_shapes or len(values) != 1 or not _UNPACKED.fullmatch(statement.text):
        return
    (value,) = values
    is_of_tensor = bool(value.parts) and isinstance(value.parts[0].type, TensorType)
    if is_of_tensor and isinstance(value.type, SequenceType) and value.text == ir.kernel.file.text_of(value.span):
        sizes = [constant(item.as_dim) if isinstance(item, NumberType) else None for item in value.type.items]
        if sizes and None not in sizes:
            yield value.span, ", ".join(map(str, sizes)) + ("," if len(sizes) == 1 else "")


def _tunable_symbol(type_: Type) -> TunableSymbol:
    symbol = type_.tunable.symbol if isinstance(type_, TunableType) else type_.value if isinstance(type_, NumberType) else None
    assert isinstance(symbol, TunableSymbol)
    return symbol


def _calls(expr: tree.Expr) -> Iterator[tree.Call]:
    if isinstance(expr, tree.Call):
        yield expr
        children: tuple[tree.Expr, ...] = (*expr.args, *(value for _, value in expr.kwargs))
    else:
        children = (*getattr(expr, "parts", ()), *getattr(expr, "items", ()))
    for child in children:
        yield from _calls(child)
