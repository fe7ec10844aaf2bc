"""How much shared memory the loads of a kernel with dots take under given block sizes, and how wide its results are: an estimate that
leaves out nothing large."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from sympy import Integer
from torch import fx

from helion.config.defaults.growth import accesses
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.device_ir.structure import loop
from helion.integers import next_power_of_2
from helion.ops.table import OPS
from helion.types.dims import Dim, substitute
from helion.types.types import TensorType

_GRID = "grid"


def shared_bytes(ir: DeviceIR, sizes: Mapping[Dim, int], stages: int) -> int:
    """The bytes of all loaded tiles of two and more dims: one that a loop loads is there once a stage, one that is loaded after a loop
    takes the place of the loop's. `sizes` are the lengths of blocks, by their symbols."""
    numbers = {symbol: Integer(length) for symbol, length in sizes.items()}
    return sum(
        _bytes(ir, node, numbers) * _copies(ir, node) * (1 if graph.kind == _GRID else stages)
        for graph in ir.graphs
        for node in _loads_before_loops(graph.graph)
    )


def bytes_stored(ir: DeviceIR) -> int:
    """Of one element of the result, over all stores."""
    tensors = [info_of(node.all_input_nodes[0]).type for node in accesses(ir) if (op := OPS.find(node.target)) and op.accesses == "store"]
    return sum(type_.dtype.itemsize for type_ in tensors if isinstance(type_, TensorType) and type_.dtype is not None)


def _loads_before_loops(graph: fx.Graph) -> Iterator[fx.Node]:
    for node in graph.nodes:
        if node.target is loop:
            return
        op = OPS.find(node.target) if node.op == "call_function" else None
        if op is not None and op.accesses == "load":
            yield node


def _bytes(ir: DeviceIR, load: fx.Node, numbers: Mapping[Dim, Integer]) -> int:
    type_ = info_of(load).type
    if not isinstance(type_, TensorType):
        return 0
    lengths = [next_power_of_2(ir.hint(substitute(dim, numbers))) for dim in type_.dims]
    is_tile = sum(length > 1 for length in lengths) > 1
    return math.prod(lengths) * (2 if type_.dtype is None else type_.dtype.itemsize) if is_tile else 0


def _copies(ir: DeviceIR, load: fx.Node) -> int:
    """Tensor cores take operands of one byte with K as the dimension that runs along memory: others are written a second time, turned."""
    type_, tensor = info_of(load).type, info_of(load.all_input_nodes[0]).type
    if not (isinstance(type_, TensorType) and isinstance(tensor, TensorType) and tensor.stride):
        return 1
    is_operand = any(type_.dims[-2:] in ((m, k), (k, n)) for m, n, k, _ in ir.dot_dims)
    along = type_.dims[-1 if tensor.stride[-1] == 1 else -2] if len(type_.dims) > 1 else None
    narrow = type_.dtype is not None and type_.dtype.itemsize == 1
    return 2 if narrow and is_operand and all(along != k for _, _, k, _ in ir.dot_dims) else 1
