"""A name that has another number of dims after an iteration or in the other branch in, ways to give it one out: dims of length 1 are kept
by a reduction, put in or taken out, where the name changes or where it begins."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from helion.diagnostics.catalog.loops import LoopCarriedTypeChange
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.ops import folds, reductions
from helion.source import Span
from helion.types.types import Region
from helion_lsp.worker.fixes.around import Around
from helion_lsp.worker.fixes.carried import parted

_SIMPLE = ast.Name | ast.Call | ast.Subscript | ast.Attribute
_REDUCTIONS = frozenset(op.name.split(".")[1].split()[0] for op in (*reductions.OPS, *folds.OPS))


def rank_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    """Each is to be tried: what the name is used for decides which is right."""
    if not isinstance(diagnostic, LoopCarriedTypeChange) or diagnostic.defined_at is None:
        return
    (_, before), (_, after) = parted(diagnostic.before), parted(diagnostic.after)
    first, later = (_assignment(span, around) for span in (diagnostic.defined_at, diagnostic.span))
    if before is None or after is None or before == after or later is None:
        return
    yield from _reshaped(later, before, around)
    if first is not None and first is not later:
        yield from _reshaped(first, after, around)
        yield from _begun(diagnostic.name, first, later, around)


def _assignment(span: Span, around: Around) -> ast.Assign | ast.AugAssign | None:
    """The statement that gives a name the type that it has at a place."""
    return next((n for n in around.enclosing(span) if isinstance(n, ast.Assign | ast.AugAssign)), None)


def _reshaped(statement: ast.Assign | ast.AugAssign, wanted: Sequence[str], around: Around) -> Iterator[Fix]:
    """Changes of what is assigned, the whole of it or one operand, that may give it the wanted dims."""
    value = statement.value
    for node in ast.walk(value):
        if isinstance(node, ast.Call):
            yield from _kept_dim(node, around)
    whole = [value] if isinstance(statement, ast.Assign) else []
    operands = [n for n in ast.walk(value) if isinstance(n, ast.expr) and n is not value]
    for node in (*whole, *(operands if whole else [value, *operands])):
        behind = _behind(node, wanted, around)
        if behind is not None:
            text = around.text(node)
            new = f"{text if isinstance(node, _SIMPLE) else f'({text})'}{behind}"
            yield _fix(f"Make `{text}` of [{', '.join(wanted)}]: `{behind}`", around.span(node), new)


def _kept_dim(call: ast.Call, around: Around) -> Iterator[Fix]:
    """A reduction along one dim that keeps it, or does not keep it any more."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if name not in _REDUCTIONS or not call.args or isinstance(call.args[-1], ast.Starred):
        return
    keepdim = next((k for k in call.keywords if k.arg == "keepdim"), None)
    given = [*call.args, *(k.value for k in call.keywords)]
    if keepdim is None:
        end = around.span(given[-1]).end
        yield _fix(f"Keep the dim: `{name}(..., keepdim=True)`", Span(end, end), ", keepdim=True")
    elif isinstance(keepdim.value, ast.Constant) and keepdim.value.value is True and keepdim.value is given[-1] and len(given) > 1:
        gone = Span(around.span(given[-2]).end, around.span(keepdim.value).end)
        yield _fix(f"Do not keep the dim: `{name}` without `keepdim`", gone, "")


def _behind(node: ast.expr, wanted: Sequence[str], around: Around) -> str | None:
    """`[:, None]` or `.squeeze(1)`, which gives a value dims of length 1 that it lacks or takes away those that it has besides."""
    tensor = around.tensor(around.span(node))
    if tensor is None or tensor.rank is None or tensor.region is Region.HOST:
        return None
    dims = [str(size) for size in tensor.dims]
    if len(dims) < len(wanted):
        places = _matched(dims, wanted)
        return None if places is None else f"[{', '.join(':' if place in places else 'None' for place in range(len(wanted)))}]"
    places = _matched(wanted, dims) if len(wanted) < len(dims) else None
    return None if places is None else "".join(f".squeeze({place})" for place in reversed(range(len(dims))) if place not in places)


def _matched(shorter: Sequence[str], longer: Sequence[str]) -> set[int] | None:
    """Where the sizes of the shorter one stand in the longer one, whose others are 1; None where they do not."""
    places: set[int] = set()
    rest = list(shorter)
    for place, size in enumerate(longer):
        if rest and rest[0] == size and (size != "1" or len(longer) - place == len(rest)):
            places.add(place)
            rest = rest[1:]
        elif size != "1":
            return None
    return None if rest else places


def _begun(name: str, first: ast.Assign | ast.AugAssign, later: ast.Assign | ast.AugAssign, around: Around) -> Iterator[Fix]:
    """`hl.zeros([a, 1])` for `hl.zeros([a])`, with the dims of something that is added to it."""
    if not (isinstance(first.value, ast.Call) and first.value.args and isinstance(shape := first.value.args[0], ast.List)):
        return
    known = {*around.tiles(around.span(first)), *around.host_names()}
    for node in ast.walk(later.value):
        tensor = around.tensor(around.span(node)) if isinstance(node, ast.expr) else None
        is_value = tensor is not None and tensor.rank is not None and tensor.region is Region.DEVICE
        dims = [str(size) for size in tensor.dims] if tensor is not None and is_value else []
        if len(dims) != len(shape.elts) and dims and all(size in known or size.isdigit() for size in dims):
            text = f"[{', '.join(dims)}]"
            yield _fix(f"Begin `{name}` with {text}", around.span(shape), text)


def _fix(title: str, span: Span, new: str) -> Fix:
    return Fix(title, (TextEdit(span, new),), safe=False)
