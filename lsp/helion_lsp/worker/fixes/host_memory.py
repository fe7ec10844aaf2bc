"""A number of the host that device code assigns in, ways to make memory of it out: a tensor that programs add to, or store into."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from helion.diagnostics.catalog.names import HostVariableModifiedOnDevice
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.source import Span
from helion.types.types import NumberType, TensorType
from helion_lsp.worker.fixes.around import Around
from helion_lsp.worker.fixes.slots import Slots, slots

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "add",
    ast.BitOr: "or",
    ast.BitAnd: "and",
    ast.BitXor: "xor",
}
_FUNCTIONS = {"max": "max", "maximum": "max", "min": "min", "minimum": "min"}
_WORDS = {"add": "Add up", "max": "Keep the largest", "min": "Keep the smallest"}
_OF_KIND = {int: torch.int64, float: torch.float32, bool: torch.bool}


@dataclass(frozen=True)
class _Update:
    """`name = name <operator> value`, of which `atomic` names the operator that the device has, or `name = value`. `reads` are where the
    statement reads the name."""

    node: ast.Assign | ast.AugAssign
    target: Span
    value: ast.expr
    atomic: str | None
    negated: bool
    reads: tuple[Span, ...]


def host_memory_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    """Each is to be tried: what else the kernel does with the name decides whether it is right."""
    if not isinstance(diagnostic, HostVariableModifiedOnDevice) or diagnostic.is_tensor or diagnostic.defined_at is None:
        return
    host, updates = around.type_of(diagnostic.defined_at), _updates(diagnostic.name, around)
    if not isinstance(host, NumberType) or not updates:
        return
    together, atomics = _common_slots(updates, around, of_each_index=False), {update.atomic for update in updates}
    is_plain = not any(update.reads or isinstance(update.node, ast.AugAssign) for update in updates)
    constants = {update.value.value if isinstance(update.value, ast.Constant) else None for update in updates}
    is_constant = is_plain and len(constants) == 1 and None not in constants
    if together is not None and (not together.shared or is_constant):
        yield from _stores(diagnostic.name, updates, together, host, around)
    elif together is not None and len(atomics) == 1 and None not in atomics:
        yield from _atomics(diagnostic.name, updates, together, host, around)
    elif is_plain:
        apart = _common_slots(updates, around, of_each_index=True)
        if apart is not None and not apart.shared:
            yield from _stores(diagnostic.name, updates, apart, host, around)


def _common_slots(updates: Sequence[_Update], around: Around, *, of_each_index: bool) -> Slots | None:
    """Where all updates go; None where that is not one tensor and one subscript."""
    found: list[Slots | None] = []
    for update in updates:
        type_ = around.type_of(around.span(update.value))
        dims = type_.dims if isinstance(type_, TensorType) and type_.rank is not None else () if isinstance(type_, NumberType) else None
        found.append(None if dims is None else slots(dims, update.target, around, of_each_index=of_each_index))
    first = found[0]
    return first if all(one is not None and first is not None and one.place == first.place for one in found) else None


# -- the fixes ------------------------------------------------------------------------------------------------------


def _atomics(name: str, updates: Sequence[_Update], place: Slots, host: NumberType, around: Around) -> Iterator[Fix]:
    kind, language = updates[0].atomic, around.language()
    edits = list[TextEdit]()
    for update in updates:
        value = around.text(update.value)
        value = f"-({value})" if update.negated else value
        new = f"{language}.atomic_{kind}({name}, [{', '.join(place.index)}], {value})"
        edits.append(TextEdit(around.span(update.node), new))
    title = f"{_WORDS.get(str(kind), 'Combine')} `{name}` in a tensor of the host"
    yield from _defined(title, name, edits, place, _dtypes(updates, host, around, is_sum=kind == "add"), around)


def _stores(name: str, updates: Sequence[_Update], place: Slots, host: NumberType, around: Around) -> Iterator[Fix]:
    stored = f"{name}[{', '.join(place.index) or '()'}]"
    spans = [span for update in updates for span in (update.target, *update.reads)]
    dtypes = _dtypes(updates, host, around, is_sum=False)
    yield from _defined(
        f"Store into `{stored}`, a tensor of the host", name, [TextEdit(span, stored) for span in spans], place, dtypes, around
    )


def _dtypes(updates: Sequence[_Update], host: NumberType, around: Around, *, is_sum: bool) -> list[str]:
    """What the tensor may be of: what the number and the values come to, and in sums no less than 32 bits of a float or 64 of an integer.
    Both where nothing says whether the values are whole numbers."""
    types = [around.type_of(around.span(update.value)) for update in updates]
    given = [t.dtype if isinstance(t, TensorType) else _OF_KIND.get(t.kind) if isinstance(t, NumberType) else None for t in (*types, host)]
    if any(dtype is not None and dtype.is_floating_point for dtype in given):
        narrow = [dtype for dtype in given[:-1] if dtype is not None and dtype.is_floating_point]
        one = narrow[0] if narrow and not is_sum and len(set(given[:-1])) == 1 else None
        wide = torch.float64 if torch.float64 in given[:-1] else torch.float32
        return [_name(one or wide)]
    if None in given:
        return [_name(torch.float32), _name(torch.int64)]
    return [_name(torch.bool if set(given) == {torch.bool} else torch.int64)]


def _name(dtype: torch.dtype) -> str:
    return str(dtype).rpartition(".")[2]


def _defined(title: str, name: str, updates: Sequence[TextEdit], place: Slots, dtypes: Sequence[str], around: Around) -> Iterator[Fix]:
    """The updates, with a tensor in the number's place: where the number gets its value, or else right above the loops."""
    source = next(around.host_tensors(place.loop), None)
    if source is None:
        return
    module, back = around.torch(), _as_number(name, around)
    for dtype in dtypes:
        words = title if len(dtypes) == 1 else f"{title}, {module}.{dtype}"
        for span, value, before, after in _places(name, place, around):
            sizes = f"[{', '.join(place.sizes)}]"
            made = f"zeros({sizes}" if value in ("0", "0.0", "False") else f"full({sizes}, {value}"
            new = f"{before}{name} = {module}.{made}, dtype={module}.{dtype}, device={source}.device){after}"
            yield Fix(words, (TextEdit(span, new), *updates, *back), safe=False)


def _places(name: str, place: Slots, around: Around) -> Iterator[tuple[Span, str, str, str]]:
    """Where the tensor may be made, from what value, and what stands before and after."""
    top = around.outermost_loop(place.loop)
    indent = around.indent(top)
    assigned = [n for n in around.host_statements() if isinstance(n, ast.Assign | ast.AnnAssign) and around.assigns(n, name)]
    if len(assigned) == 1 and assigned[0].value is not None:
        value = assigned[0].value
        yield around.span(assigned[0]), around.text(value), "", ""
    if indent is not None:
        above = around.line_start(around.span(top).start)
        yield Span(above, above), name, indent, around.ending()


def _as_number(name: str, around: Around) -> list[TextEdit]:
    """`return total.item()`, in a kernel that says that it gives a number."""
    node = around.kernel.function.node
    given = node.returns if isinstance(node, ast.FunctionDef) else None
    if not isinstance(given, ast.Name) or given.id not in ("int", "float", "bool"):
        return []
    returns = [n.value for n in ast.walk(node) if isinstance(n, ast.Return) and isinstance(n.value, ast.Name) and n.value.id == name]
    return [TextEdit(Span(around.span(n).end, around.span(n).end), ".item()") for n in returns]


# -- the statements that assign the name ----------------------------------------------------------------------------


def _updates(name: str, around: Around) -> list[_Update]:
    """The device statements that assign a name; empty where one of them is of another kind."""
    spans = {d.span for d in around.typed.diagnostics if isinstance(d, HostVariableModifiedOnDevice) and d.name == name}
    found = [_update(name, span, around) for span in sorted(spans)]
    return [] if None in found else [update for update in found if update is not None]


def _update(name: str, span: Span, around: Around) -> _Update | None:
    statement = next((n for n in around.enclosing(span) if isinstance(n, ast.stmt)), None)
    match statement:
        case ast.AugAssign(op=op, value=value):
            return _Update(statement, span, value, _OPERATORS.get(type(op)), isinstance(op, ast.Sub), _reads(name, value, around))
        case ast.Assign(targets=[target], value=value) if around.span(target) == span:
            reads = _reads(name, value, around)
            atomic, other = _applied(name, value, around)
            negated = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub)
            known = None if len(reads) > 1 else atomic
            return _Update(statement, span, other if known is not None else value, known, negated and known is not None, reads)
        case _:
            return None


def _reads(name: str, value: ast.expr, around: Around) -> tuple[Span, ...]:
    return tuple(sorted(around.span(n) for n in ast.walk(value) if isinstance(n, ast.Name) and n.id == name))


def _applied(name: str, value: ast.expr, around: Around) -> tuple[str | None, ast.expr]:
    """Of `name + value`, `value + name` and `max(name, value)`: which atomic does the same, and the value."""
    match value:
        case ast.BinOp(left=ast.Name(id=left), op=op, right=other) if left == name:
            return _OPERATORS.get(type(op)), other
        case ast.BinOp(left=other, op=ast.Add() | ast.BitOr() | ast.BitAnd() | ast.BitXor() as op, right=ast.Name(id=right)) if (
            right == name
        ):
            return _OPERATORS[type(op)], other
        case ast.Call(func=function, args=[ast.Name(id=first), other], keywords=[]) if first == name:
            return _FUNCTIONS.get(around.text(function).rpartition(".")[2]), other
        case ast.Call(func=function, args=[other, ast.Name(id=last)], keywords=[]) if last == name:
            return _FUNCTIONS.get(around.text(function).rpartition(".")[2]), other
        case _:
            return None, value
