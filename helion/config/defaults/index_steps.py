"""An index that the kernel computes in, the tiles along which it steps by one out: `row * width + tile.index` walks along memory too."""

from __future__ import annotations

import torch
from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.ops.table import OPS
from helion.types.dims import Dim
from helion.types.types import Axis, TensorType

_aten = torch.ops.aten


def blocks_of_step_one(index: fx.Node) -> frozenset[int]:
    """The blocks, by index. Nothing is said of what is loaded, scaled or carried."""
    op = OPS.find(index.target) if index.op == "call_function" else None
    if op is not None and op.tile_attribute == "index" and isinstance(index.args[0], Axis):
        block = index.args[0].block
        return frozenset() if block is None else frozenset((block.index,))
    if index.target == _aten.add.Tensor:
        return frozenset(block for node in index.all_input_nodes for block in blocks_of_step_one(node))
    if index.target == _aten.sub.Tensor and isinstance(index.args[0], fx.Node):
        return blocks_of_step_one(index.args[0])
    sources = index.all_input_nodes
    is_view = op is not None and op.accesses is None and len(sources) == 1 and _dims(sources[0]) == _dims(index)
    return blocks_of_step_one(sources[0]) if is_view else frozenset()


def _dims(node: fx.Node) -> list[Dim]:
    type_ = info_of(node).type
    return [size for size in type_.dims if size != 1] if isinstance(type_, TensorType) else []
