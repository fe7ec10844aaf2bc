"""A name whose type control flow changes in, ways to keep its type out: begin with the later one, cast, broadcast."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.diagnostics.catalog.loops import LoopCarriedTypeChange
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion_lsp.worker.fixes.around import Around

_DTYPES = {"f16": "torch.float16", "bf16": "torch.bfloat16", "f32": "torch.float32", "i32": "torch.int32", "i64": "torch.int64"}
_SIMPLE = ast.Name | ast.Call | ast.Subscript | ast.Attribute


def carried_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    """Each is to be tried: what comes after the loop or the branch decides which is right."""
    if not isinstance(diagnostic, LoopCarriedTypeChange):
        return
    before, before_dims = parted(diagnostic.before)
    after, after_dims = parted(diagnostic.after)
    if before_dims == after_dims and before in _DTYPES and after in _DTYPES:
        yield from _same_dtype(diagnostic, before, after, around)
    elif before_dims is not None and after_dims is not None:
        yield from _begin_with_dims(diagnostic, before_dims, after_dims, around)
        yield from _broadcast(diagnostic, before_dims, after_dims, cast=_DTYPES.get(before) if before != after else None, around=around)
    elif before_dims is None and after_dims is not None:
        yield from _begin_as_tile(diagnostic, after, after_dims, around)


def parted(type_: str) -> tuple[str, list[str] | None]:
    """`f32[m, n]` as its dtype and dims; the dims of a number are None."""
    dtype, bracket, dims = type_.partition("[")
    return dtype, [d.strip() for d in dims.removesuffix("]").split(",") if d.strip()] if bracket else None


def _fix(title: str, place: ast.expr, new: str, around: Around) -> Fix:
    return Fix(title, (TextEdit(around.span(place), new),), safe=False)


def _changes(diagnostic: LoopCarriedTypeChange, around: Around) -> Iterator[ast.Assign]:
    """The assignments that give the later type."""
    _, *later = around.assignments(diagnostic.name)
    yield from (assignment for assignment in later if around.span(assignment).encloses(diagnostic.span))


def _as_operand(node: ast.expr, around: Around) -> str:
    text = around.text(node)
    return text if isinstance(node, _SIMPLE) else f"({text})"


def _same_dtype(diagnostic: LoopCarriedTypeChange, before: str, after: str, around: Around) -> Iterator[Fix]:
    first = next(around.assignments(diagnostic.name), None)
    if first is None:
        return
    keywords = first.value.keywords if isinstance(first.value, ast.Call) else ()
    dtype = next((k for k in keywords if k.arg == "dtype"), None)
    if dtype is not None:
        yield _fix(f"Begin `{diagnostic.name}` with {_DTYPES[after]}", dtype.value, _DTYPES[after], around)
    for assignment in _changes(diagnostic, around):
        new = f"{_as_operand(assignment.value, around)}.to({_DTYPES[before]})"
        yield _fix(f"Cast what is assigned to {_DTYPES[before]}", assignment.value, new, around)


def _broadcast(
    diagnostic: LoopCarriedTypeChange, before: list[str], after: list[str], *, cast: str | None, around: Around
) -> Iterator[Fix]:
    """A value with fewer dims is broadcast to the first type: its dims are matched by name, from the left."""
    subscript: list[str] = []
    rest = list(after)
    for size in before:
        kept = bool(rest) and rest[0] in (size, "1")
        subscript.append(":" if kept else "None")
        rest = rest[1:] if kept else rest
    if rest or len(after) > len(before):
        return
    for assignment in _changes(diagnostic, around):
        index = "" if "None" not in subscript else f"[{', '.join(subscript)}]"
        new = f"{_as_operand(assignment.value, around)}{index}.expand({diagnostic.name}.size())"
        new = f"{new}.to({cast})" if cast is not None else new
        yield _fix(f"Broadcast what is assigned to [{', '.join(before)}]", assignment.value, new, around)


def _begin_with_dims(diagnostic: LoopCarriedTypeChange, before: list[str], after: list[str], around: Around) -> Iterator[Fix]:
    """`hl.zeros([a], ...)` for `hl.zeros([], ...)`, where every dim is a tile around it or a number."""
    first = next(around.assignments(diagnostic.name), None)
    if first is None or len(before) >= len(after) or not _are_known(after, around, first):
        return
    match first.value:
        case ast.Call(func=ast.Attribute(attr="zeros" | "full"), args=[ast.List() as shape, *_]):
            yield _fix(f"Begin `{diagnostic.name}` with [{', '.join(after)}]", shape, f"[{', '.join(after)}]", around)
        case _:
            pass


def _are_known(dims: list[str], around: Around, node: ast.stmt) -> bool:
    known = {*around.tiles(around.span(node)), *around.host_names()}
    return all(size in known or size.isdigit() for size in dims)


def _begin_as_tile(diagnostic: LoopCarriedTypeChange, dtype: str, dims: list[str], around: Around) -> Iterator[Fix]:
    """`hl.full([tile], 1.0, dtype=...)` for `1.0`, where every dim is a tile around it or a number."""
    first = next(around.assignments(diagnostic.name), None)
    if first is None or dtype not in _DTYPES or not isinstance(first.value, ast.Constant | ast.UnaryOp):
        return
    if _are_known(dims, around, first):
        language, shape, text = around.language(), ", ".join(dims), around.text(first.value)
        made = f"zeros([{shape}]" if text in ("0", "0.0") else f"full([{shape}], {text}"
        new = f"{language}.{made}, dtype={_DTYPES[dtype]})"
        yield _fix(f"Begin `{diagnostic.name}` as a tile", first.value, new, around)
