"""Diagnostics about values and names in device code in, the rewrites that a reader would make out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.diagnostics.catalog.indexing import BooleanIndex, DeviceValueIndex, HostTensorUsedDirectly, StoreToDeviceValue
from helion.diagnostics.catalog.names import HostVariableModifiedOnDevice
from helion.diagnostics.catalog.products import RoundedAccumulation
from helion.diagnostics.catalog.python import UnknownAttribute
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.source import Span
from helion_lsp.worker.fixes.around import Around

_PRODUCTS = frozenset({"torch.mm", "torch.matmul", "torch.bmm"})


def value_fixes(diagnostic: Diagnostic, around: Around) -> Iterator[Fix]:
    match diagnostic:
        case UnknownAttribute(span=span, name=name, suggestion=str(suggestion)):
            place = Span(span.end - len(name), span.end)
            if around.kernel.file.text_of(place) == name:
                yield _fix(f"Change to `{suggestion}`", (place, suggestion))
        case HostTensorUsedDirectly(subscript=None):
            yield from _loaded(diagnostic.span, around)
        case HostVariableModifiedOnDevice(is_tensor=True):
            yield from _subscripted(diagnostic, around)
        case DeviceValueIndex() | BooleanIndex():
            yield from _chosen(diagnostic.span, around)
        case StoreToDeviceValue():
            yield from _chosen_store(diagnostic.span, around)
        case RoundedAccumulation():
            yield from _accumulated(diagnostic.span, around)
        case _:
            pass


def _fix(title: str, *edits: tuple[Span, str]) -> Fix:
    return Fix(title, tuple(TextEdit(span, text) for span, text in edits), safe=False)


def _subscripted(diagnostic: HostVariableModifiedOnDevice, around: Around) -> Iterator[Fix]:
    """`out[tile] += ...` for `out += ...`."""
    tensor = None if diagnostic.defined_at is None else around.tensor(diagnostic.defined_at)
    tiles = around.tiles(diagnostic.span)
    if tensor is None or not tiles or (tensor.rank is not None and len(tiles) > tensor.rank):
        return
    subscript = ", ".join([*tiles, *[":"] * ((tensor.rank or 0) - len(tiles))])
    end = Span(diagnostic.span.end, diagnostic.span.end)
    yield _fix(f"Store into `{diagnostic.name}[{subscript}]`", (end, f"[{subscript}]"))


def _loaded(span: Span, around: Around) -> Iterator[Fix]:
    """`x[tile]` for `x`, of which nothing says how many dims it has."""
    tensor, tiles = around.tensor(span), around.tiles(span)
    if tensor is not None and tensor.rank is None and tiles:
        subscript = ", ".join(tiles)
        yield _fix(f"Index with `[{subscript}]`", (Span(span.end, span.end), f"[{subscript}]"))


def _mask(node: ast.Subscript, around: Around) -> str | None:
    """The text of an index that is a mask of the value's own shape."""
    index = around.tensor(around.span(node.slice))
    return around.text(node.slice) if index is not None and around.is_bool(index) else None


def _chosen(span: Span, around: Around) -> Iterator[Fix]:
    """`torch.where(mask, v, 0)` for `v[mask]`."""
    node = next((n for n in around.enclosing(span) if isinstance(n, ast.Subscript)), None)
    mask = None if node is None else _mask(node, around)
    if node is not None and mask is not None:
        yield _fix(
            "Keep the shape: `torch.where`, with 0 elsewhere", (around.span(node), f"torch.where({mask}, {around.text(node.value)}, 0)")
        )


def _chosen_store(span: Span, around: Around) -> Iterator[Fix]:
    """`v = torch.where(mask, c, v)` for `v[mask] = c`."""
    for node in around.enclosing(span):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(target := node.targets[0], ast.Subscript):
            mask = _mask(target, around)
            if mask is not None:
                name = around.text(target.value)
                new = f"{name} = torch.where({mask}, {around.text(node.value)}, {name})"
                yield _fix("Make a new value with `torch.where`", (around.span(node), new))


def _accumulated(span: Span, around: Around) -> Iterator[Fix]:
    """`acc = torch.addmm(acc, a, b)` for `acc = acc + torch.mm(a, b)` and `acc += a @ b`."""
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
        yield _fix(f"Add up in `{function}`", (around.span(node), f"{name} = {function}({name}, {left}, {right})"))


def _factors(product: ast.expr, around: Around) -> tuple[ast.expr, ast.expr] | None:
    match product:
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            return left, right
        case ast.Call(func=ast.Attribute() as function, args=[left, right], keywords=[]) if around.text(function) in _PRODUCTS:
            return left, right
        case _:
            return None
