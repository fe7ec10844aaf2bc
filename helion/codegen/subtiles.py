"""The end of a grid loop's body, written once for each part of its columns: values are split in registers, stores become narrower."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from torch import fx

from helion.codegen.axes import AxisText
from helion.device_ir.epilogue import Epilogue, find_epilogue
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.types.types import TensorType

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody
    from helion.codegen.layout import Layout

_NARROWEST = 16


def epilogue_in_parts(ir: DeviceIR, layout: Layout, graph: int) -> tuple[Epilogue, int] | None:
    """What this config runs in parts in a graph, and in how many; None where it runs whole."""
    wanted: Any = layout.config.get("epilogue_subtile")
    grid_loop = next((one for one in ir.grid_loops if one.graph == graph), None)
    if wanted is None or grid_loop is None:
        return None
    found = find_epilogue(ir, grid_loop)
    if found is None or found.axis.block is None or layout.block_length(found.axis.block) < wanted * _NARROWEST:
        return None
    return found, wanted


def run_in_parts(body: KernelBody, nodes: Sequence[fx.Node], epilogue: Epilogue, count: int) -> None:
    """Write a grid loop's nodes, the epilogue's once a part."""
    block = epilogue.axis.block
    assert block is not None
    members = set(epilogue.nodes)
    body.run_nodes(node for node in nodes if node not in members)
    whole, names = body.layout, body.axis(epilogue.axis)
    narrow = replace(whole, parts={block.index: count})
    with body.writer.at(info_of(epilogue.nodes[-1]).span):
        pieces = {node: _pieces(body, node, epilogue, count) for node in epilogue.inputs}
    body.layout = body.arguments.layout = narrow
    for part in range(count):
        with body.writer.at(info_of(epilogue.nodes[-1]).span):
            at = body.open_axes.index(names)
            body.open_axes[at] = opened = _part_of_axis(body, names, part)
        body.values.update({node: texts[part] for node, texts in pieces.items()})
        body.run_nodes(epilogue.nodes)
        body.open_axes[body.open_axes.index(opened)] = names
    body.layout = body.arguments.layout = whole


def _pieces(body: KernelBody, node: fx.Node, epilogue: Epilogue, count: int) -> list[str]:
    """The parts of a value along the tile, in order."""
    type_, block = info_of(node).type, epilogue.axis.block
    assert isinstance(type_, TensorType) and block is not None
    kept = body.physical_dims(type_.dims)
    position = [type_.dims[i] for i in kept].index(block.symbol)
    lengths = [body.dim(type_.dims[i]) for i in kept]
    pieces = [body.text(node)]
    while len(pieces) < count:
        lengths[position] = str(body.layout.block_length(block) // (2 * len(pieces)))
        pieces = [half for piece in pieces for half in _halves(body, piece, lengths, position)]
    return pieces


def _halves(body: KernelBody, text: str, lengths: Sequence[str], position: int) -> tuple[str, str]:
    """Both halves of a value along one of its dims; `lengths` are a half's."""
    split = ", ".join([*lengths[:position], "2", *lengths[position:]])
    order = [i for i in range(len(lengths) + 1) if i != position] + [position]
    first, second = body.names.fresh("part"), body.names.fresh("part")
    body.statement(f"{first}, {second} = tl.split(tl.permute(tl.reshape({text}, [{split}]), {order}))")
    return first, second


def _part_of_axis(body: KernelBody, whole: AxisText, part: int) -> AxisText:
    """The tile's names for one part of its lanes."""
    assert whole.axis is not None and whole.axis.block is not None
    name, length = whole.axis.name, body.size(whole.axis.block.symbol)
    offset = whole.offset if part == 0 else body.temporary(f"{name}_part", f"{whole.offset} + {part} * {length}")
    first = offset if body.index_dtype == "tl.int32" else f"tl.cast({offset}, tl.int64)"
    index = body.temporary(f"{name}_index", f"{first} + tl.arange(0, {length})")
    mask = None if whole.mask is None else body.temporary(f"{name}_mask", f"{index} < {whole.end}")
    return replace(whole, index=index, offset=offset, mask=mask)
