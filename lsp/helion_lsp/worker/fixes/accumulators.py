"""A loop over K that rounds what it adds up in, the same with an accumulator of 32 bits that the product itself is added to out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.diagnostics.catalog.products import RoundedAccumulation
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.source import Span
from helion_lsp.worker.fixes.around import Around

_PRODUCTS = frozenset({"torch.mm", "torch.matmul", "torch.bmm"})


def accumulator_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    """Each is to be tried: the accumulator may have its dtype for what else it is used for."""
    if not isinstance(diagnostic, RoundedAccumulation):
        return
    if diagnostic.dtype is None:
        yield from _added_inside(diagnostic.span, around)
        return
    wider = _wider(diagnostic.accumulator, around)
    if wider is not None:
        yield Fix(f"Begin `{diagnostic.accumulator}` with {wider.new_text}", (wider,), safe=False)


def _added_inside(span: Span, around: Around) -> Iterator[Fix]:
    """`acc = torch.addmm(acc, a, b)` for `acc = acc + torch.mm(a, b)` and `acc += a @ b`; of 32 bits, where it is of 16."""
    node = next((n for n in around.enclosing(span) if isinstance(n, ast.Assign | ast.AugAssign)), None)
    match node:
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=product):
            pass
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(left=ast.Name(id=left), op=ast.Add(), right=product)) if name == left:
            pass
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(left=product, op=ast.Add(), right=ast.Name(id=last))) if name == last:
            pass
        case _:
            return
    tensor = around.tensor(around.span(product))
    operands = _factors(product, around)
    if operands is not None and tensor is not None and tensor.rank in (2, 3):
        function = "torch.addmm" if tensor.rank == 2 else "torch.baddbmm"
        left, right = (around.text(operand) for operand in operands)
        added = TextEdit(around.span(node), f"{name} = {function}({name}, {left}, {right})")
        wider = _wider(name, around)
        is_narrow = wider is None and _is_narrow(name, around)
        if not is_narrow:
            words = f"Add up in `{function}`" if wider is None else f"Add up in `{function}`, in torch.float32"
            yield Fix(words, (added,) if wider is None else (added, wider), safe=False)


def _is_narrow(name: str, around: Around) -> bool:
    first = next(around.assignments(name), None)
    tensor = None if first is None else around.tensor(around.span(first.value))
    return tensor is not None and tensor.dtype is not None and tensor.dtype.is_floating_point and tensor.dtype.itemsize < 4


def _wider(name: str, around: Around) -> TextEdit | None:
    """`dtype=torch.float32` where an accumulator of fewer bits begins."""
    first = next(around.assignments(name), None)
    if first is None or not _is_narrow(name, around) or not isinstance(first.value, ast.Call):
        return None
    dtype = next((k.value for k in first.value.keywords if k.arg == "dtype"), None)
    return None if dtype is None else TextEdit(around.span(dtype), f"{around.torch()}.float32")


def _factors(product: ast.expr, around: Around) -> tuple[ast.expr, ast.expr] | None:
    match product:
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            return left, right
        case ast.Call(func=ast.Attribute() as function, args=[left, right], keywords=[]) if around.text(function) in _PRODUCTS:
            return left, right
        case _:
            return None
