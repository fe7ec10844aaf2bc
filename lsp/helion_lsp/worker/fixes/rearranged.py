"""Diagnostics about calls that take device values apart, or pick elements, in, calls that the device has instead out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from helion.diagnostics.catalog.rearranging import UnsupportedSplit
from helion.diagnostics.catalog.shapes import DataDependentShape
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.types.dims import constant
from helion.types.types import TensorType
from helion_lsp.worker.fixes.around import Around

_COUNTED = frozenset({"chunk", "tensor_split"})


@dataclass(frozen=True)
class _Parts:
    """A call that takes a value apart: along `dim`, in `count` parts, None for as many as there are."""

    value: ast.expr
    tensor: TensorType
    dim: int
    count: int | None


def rearranging_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    if not isinstance(diagnostic, UnsupportedSplit | DataDependentShape):
        return
    call = next((n for n in around.enclosing(diagnostic.span) if isinstance(n, ast.Call) and around.span(n) == diagnostic.span), None)
    if call is None:
        return
    yield from _halves(call, around) if isinstance(diagnostic, UnsupportedSplit) else _masked(call, around)


def _arguments(call: ast.Call, around: Around) -> tuple[str, list[ast.expr], dict[str, ast.expr]] | None:
    """The function's name, its arguments with a method's owner first, and its keywords."""
    if not isinstance(call.func, ast.Attribute):
        return None
    owner = [] if around.text(call.func.value) == "torch" else [call.func.value]
    return call.func.attr, [*owner, *call.args], {k.arg: k.value for k in call.keywords if k.arg is not None}


def _halves(call: ast.Call, around: Around) -> Iterator[Fix]:
    parts = _parts(call, around)
    if parts is None or parts.tensor.rank is None:
        return
    size, text, span = constant(parts.tensor.dims[parts.dim]), around.text(parts.value), around.span(call)
    is_last = parts.dim == parts.tensor.rank - 1
    if parts.count is None and size == 2:
        value = text if is_last else f"{text}.transpose({parts.dim}, -1)"
        yield Fix("Take both with `hl.split`", (TextEdit(span, f"{around.language()}.split({value})"),), safe=False)
    if parts.count == 2:
        yield from _two_loads(parts, call, around)
        if is_last and size is not None and size % 2 == 0:
            yield from _by_reshape(parts, size, call, around)


def _parts(call: ast.Call, around: Around) -> _Parts | None:
    found = _arguments(call, around)
    if found is None or not found[1]:
        return None
    name, (value, *rest), keywords = found
    tensor = around.tensor(around.span(value))
    counted = name in _COUNTED
    numbers = [_int(node) for node in rest]
    count = numbers.pop(0) if counted and numbers else _int(keywords.get("chunks")) if counted else None
    dim = numbers[0] if numbers else _int(keywords["dim"]) if "dim" in keywords else 0
    if tensor is None or not tensor.rank or dim is None or not -tensor.rank <= dim < tensor.rank:
        return None
    if (counted and count is None) or (not counted and name != "unbind"):
        return None
    return _Parts(value, tensor, dim % tensor.rank, count)


def _int(node: ast.expr | None) -> int | None:
    try:
        value: object = None if node is None else ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _two_loads(parts: _Parts, call: ast.Call, around: Around) -> Iterator[Fix]:
    """`x[tile, : n // 2], x[tile, n // 2 :]` for `x[tile, :].chunk(2, -1)`, of a host tensor with a whole dim there."""
    value = parts.value
    if not isinstance(value, ast.Subscript) or not isinstance(value.slice, ast.Tuple) or len(value.slice.elts) != parts.tensor.rank:
        return
    host = around.tensor(around.span(value.value))
    whole = value.slice.elts[parts.dim]
    if host is None or host.rank != parts.tensor.rank or not isinstance(whole, ast.Slice) or around.text(whole) != ":":
        return
    size = host.dims[parts.dim]
    number = constant(size)
    half = str((number + 1) // 2) if number is not None else f"{size} // 2" if str(size).isidentifier() else None
    if half is None or (number is None and str(size) not in around.host_names()):
        return
    place = around.span(whole)
    start = around.span(value).start
    text = around.text(value)
    before, after = text[: place.start - start], text[place.end - start :]
    new = f"{before}: {half}{after}, {before}{half} :{after}"
    yield Fix("Load each half", (TextEdit(around.span(call), new),), safe=False)


def _by_reshape(parts: _Parts, size: int, call: ast.Call, around: Around) -> Iterator[Fix]:
    """Halves of a dim of a known even size lie side by side; as a last dim of two they can be split."""
    dims = [str(dim) for dim in parts.tensor.dims[:-1]]
    shape = ", ".join([*dims, "2", str(size // 2)])
    new = f"{around.language()}.split({around.text(parts.value)}.reshape([{shape}]).transpose(-1, -2))"
    yield Fix("Split it as a last dim of two", (TextEdit(around.span(call), new),), safe=False)


def _masked(call: ast.Call, around: Around) -> Iterator[Fix]:
    """A value of the mask's shape, instead of as many elements as the mask has."""
    found = _arguments(call, around)
    if found is None:
        return
    name, arguments, _ = found
    span = around.span(call)
    if name == "masked_select" and len(arguments) == 2:
        value, mask = (around.text(node) for node in arguments)
        yield Fix("Keep the shape: `torch.where`, with 0 elsewhere", (TextEdit(span, f"torch.where({mask}, {value}, 0)"),), safe=False)
    if name in ("nonzero", "argwhere") and len(arguments) == 1:
        tensor = around.tensor(around.span(arguments[0]))
        tile = str(tensor.dims[0]) if tensor is not None and tensor.rank == 1 else None
        if tensor is not None and tile in around.tiles(span):
            mask = around.text(arguments[0])
            mask = mask if isinstance(arguments[0], ast.Compare) or around.is_bool(tensor) else f"{mask} != 0"
            new = f"torch.where({mask}, {tile}.index, -1)"
            yield Fix("Keep every lane: its index, or -1", (TextEdit(span, new),), safe=False)
