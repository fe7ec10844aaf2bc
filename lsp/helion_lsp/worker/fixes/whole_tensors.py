"""A kernel that computes on whole tensors in, the same a tile at a time in a loop out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import torch

from helion.diagnostics.catalog.loops import NoDeviceLoop
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.source import Span
from helion_lsp.worker.fixes.around import Around


def whole_tensor_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    """`for tile in hl.tile(out.size()): out[tile] = x[tile] + y[tile]`, for `out = x + y`, `return x + y`, `out[:] = x + y` or `x += y`.
    To be tried; only of what computes each element from those in its place."""
    statements = around.host_statements()
    if not isinstance(diagnostic, NoDeviceLoop) or not statements:
        return
    last = statements[-1]
    returned = last.value if isinstance(last, ast.Return) else None
    assigned = [n for n in statements if isinstance(n, ast.Assign | ast.AugAssign)]
    name = returned.id if isinstance(returned, ast.Name) else None
    if returned is not None and name is None:
        yield from _looped(last, "out", returned, around, is_made=True, before="", after="return out")
        return
    statement = next((n for n in reversed(assigned) if name is None or _target(n) == name), None)
    target = None if statement is None else _target(statement)
    if statement is None or target is None:
        return
    is_plain = isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    is_made = is_plain and not any(n is not statement and _target(n) == target for n in assigned)
    operator = "" if isinstance(statement, ast.Assign) else _operator(statement, around)
    yield from _looped(statement, target, statement.value, around, is_made=is_made, before=operator, after=None)


def _target(node: ast.Assign | ast.AugAssign) -> str | None:
    """The name that is assigned, or all of whose elements are."""
    target = node.target if isinstance(node, ast.AugAssign) else node.targets[0] if len(node.targets) == 1 else None
    match target:
        case ast.Name(id=name):
            return name
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Slice(lower=None, upper=None, step=None) | ast.Constant()):
            return name
        case _:
            return None


def _operator(node: ast.AugAssign, around: Around) -> str:
    """`+` of `x += y`."""
    between = Span(around.span(node.target).end, around.span(node.value).start)
    return around.kernel.file.text_of(between).partition("=")[0].strip()


def _looped(
    statement: ast.stmt, name: str, value: ast.expr, around: Around, *, is_made: bool, before: str, after: str | None
) -> Iterator[Fix]:
    found = [n for n in ast.walk(value) if isinstance(n, ast.Name) and around.tensor(around.span(n)) is not None]
    names = sorted(found, key=around.span)
    indent = around.indent(statement)
    if not names or indent is None or not _is_of_elements(value, around):
        return
    if len({str(tensor.dims) for n in names if (tensor := around.tensor(around.span(n))) is not None and tensor.rank is not None}) > 1:
        return
    start, text = around.span(value).start, around.text(value)
    for place in sorted((around.span(n).end - start for n in names), reverse=True):
        text = f"{text[:place]}[tile]{text[place:]}"
    language, ending, inner = around.language(), around.ending(), around.deeper(indent)
    lines = [f"{name} = {_made(names[0].id, value, names[0], around)}"] if is_made else []
    lines += [f"for tile in {language}.tile({name}.size()):", f"{inner}{name}[tile] {before}= {text}"]
    lines += [] if after is None else [after]
    new = f"{ending}{indent}".join(lines)
    yield Fix("Compute it in a loop over tiles", (TextEdit(around.span(statement), new),), safe=False)


def _made(like: str, value: ast.expr, first: ast.expr, around: Around) -> str:
    """A tensor of the result's dtype, where that is known to be another one."""
    given, result = around.tensor(around.span(first)), around.tensor(around.span(value))
    dtype = None if result is None or result.dtype is None or (given is not None and given.dtype == result.dtype) else result.dtype
    more = "" if dtype is None else f", dtype={around.torch()}.{str(dtype).rpartition('.')[2]}"
    return f"{around.torch()}.empty_like({like}{more})"


def _is_of_elements(value: ast.expr, around: Around) -> bool:
    """Whether each element of the value comes from the elements of the same place: operators and torch's pointwise functions."""
    match value:
        case ast.Name() | ast.Constant():
            return True
        case ast.BinOp(left=left, op=op, right=right):
            return not isinstance(op, ast.MatMult) and all(_is_of_elements(n, around) for n in (left, right))
        case ast.UnaryOp(operand=operand):
            return _is_of_elements(operand, around)
        case ast.Compare(left=left, comparators=[right]):
            return all(_is_of_elements(n, around) for n in (left, right))
        case ast.Call(func=ast.Attribute(value=owner, attr=name), args=arguments, keywords=keywords):
            is_tensor = around.tensor(around.span(owner)) is not None or not isinstance(owner, ast.Name | ast.Attribute)
            operands = [*([owner] if is_tensor else []), *arguments, *(k.value for k in keywords)]
            return _is_pointwise(name) and all(_is_of_elements(n, around) or around.type_of(around.span(n)) is None for n in operands)
        case ast.Attribute():
            return around.tensor(around.span(value)) is None
        case _:
            return False


def _is_pointwise(name: str) -> bool:
    if name in ("to", "float", "half", "bfloat16"):
        return True
    packet = getattr(torch.ops.aten, name, None)
    return packet is not None and any(torch.Tag.pointwise in getattr(packet, overload).tags for overload in packet.overloads())
