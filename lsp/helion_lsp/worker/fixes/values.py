"""Diagnostics about values and names in device code in, the rewrites that a reader would make out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from helion.diagnostics.catalog.indexing import BooleanIndex, DeviceValueIndex, HostTensorUsedDirectly, OverpackedTile, StoreToDeviceValue
from helion.diagnostics.catalog.names import HostVariableModifiedOnDevice
from helion.diagnostics.catalog.python import UnknownAttribute
from helion.diagnostics.diagnostic import Diagnostic, Fix, TextEdit
from helion.source import Span
from helion.types.types import Region, TensorType
from helion_lsp.worker.fixes.around import Around


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
        case OverpackedTile():
            yield from _spread(diagnostic.span, around)
        case StoreToDeviceValue():
            yield from _chosen_store(diagnostic.span, around)
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
    value = None if node is None else _loaded_like(node.value, around.tensor(around.span(node.slice)), around)
    if node is not None and mask is not None and value is not None:
        yield _fix("Keep the shape: `torch.where`, with 0 elsewhere", (around.span(node), f"torch.where({mask}, {value}, 0)"))


def _loaded_like(owner: ast.expr, mask: TensorType | None, around: Around) -> str | None:
    """A device value itself, and of a tensor of the host what the mask's tiles select; None where its dims are no tiles."""
    text, tensor = around.text(owner), around.tensor(around.span(owner))
    if tensor is None or tensor.region is Region.DEVICE:
        return text
    tiles = {str(axis.block.symbol): axis.name for axis in around.typed.axes if axis.block is not None}
    whole = {str(size) for size in tensor.dims} if tensor.rank is not None else set[str]()
    names = [tiles.get(str(size), ":" if str(size) in whole else None) for size in mask.dims] if mask is not None and mask.rank else []
    return f"{text}[{', '.join(str(name) for name in names)}]" if names and None not in names else None


def _spread(span: Span, around: Around) -> Iterator[Fix]:
    """`x[tile_m, tile_n]` for `x[[tile_m, tile_n]]`."""
    index = next((n for n in around.enclosing(span) if isinstance(n, ast.expr) and around.span(n) == span), None)
    items = index.elts if isinstance(index, ast.Tuple) else [index]
    lists = [n for n in items if isinstance(n, ast.List | ast.Tuple) and n.elts]
    edits = [(around.span(n), ", ".join(around.text(item) for item in n.elts)) for n in lists]
    if edits:
        yield _fix("Take the tiles out of the list", *edits)


def _chosen_store(span: Span, around: Around) -> Iterator[Fix]:
    """`v = torch.where(mask, c, v)` for `v[mask] = c`."""
    for node in around.enclosing(span):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(target := node.targets[0], ast.Subscript):
            mask = _mask(target, around)
            if mask is not None:
                name = around.text(target.value)
                new = f"{name} = torch.where({mask}, {around.text(node.value)}, {name})"
                yield _fix("Make a new value with `torch.where`", (around.span(node), new))
