"""How much shared memory the loads of a kernel with dots take under given block sizes: an estimate that leaves out nothing large."""

from __future__ import annotations

import math
from collections.abc import Mapping

from helion.config.defaults.growth import accesses
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.integers import next_power_of_2
from helion.ops.table import OPS
from helion.types.dims import Dim
from helion.types.types import TensorType

_GRID = "grid"


def shared_bytes(ir: DeviceIR, sizes: Mapping[Dim, int], stages: int) -> int:
    """The bytes of all loaded tiles of two and more dims; one that a loop loads is there once a stage. `sizes` are the lengths of blocks,
    by their symbols."""
    kinds = {graph.graph: graph.kind for graph in ir.graphs}
    total = 0
    for node in accesses(ir):
        op = OPS.find(node.target)
        type_ = info_of(node).type
        if op is None or op.accesses != "load" or not isinstance(type_, TensorType):
            continue
        lengths = [sizes[d] if d in sizes else next_power_of_2(ir.hint(d)) for d in type_.dims]
        if sum(length > 1 for length in lengths) < 2:
            continue
        itemsize = 2 if type_.dtype is None else type_.dtype.itemsize
        total += math.prod(lengths) * itemsize * (1 if kinds[node.graph] == _GRID else stages)
    return total
