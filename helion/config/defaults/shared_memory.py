"""How much shared memory the loads of a kernel with dots take under given block sizes, and how wide its results are: an estimate that
leaves out nothing large."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from sympy import Integer
from torch import fx

from helion.config.defaults.growth import accesses
from helion.config.defaults.tensor_memory import FEWEST_ROWS
from helion.device_ir.computed import is_computed
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.device_ir.structure import loop
from helion.integers import next_power_of_2
from helion.ops.table import OPS
from helion.target import Target
from helion.types.dims import Dim, substitute
from helion.types.types import TensorType

_GRID = "grid"


def shared_bytes(ir: DeviceIR, target: Target, sizes: Mapping[Dim, int], stages: int) -> int:
    """The bytes of all loaded tiles of two and more dims: one that a loop loads is there once a stage, one that is loaded after a loop
    takes the place of the loop's. `sizes` are the lengths of blocks, by their symbols."""
    numbers = {symbol: Integer(length) for symbol, length in sizes.items()}
    loads = sum(
        _bytes(ir, node, numbers) * _copies(ir, node) * (1 if graph.kind == _GRID else stages)
        for graph in ir.graphs
        for node in _loads_before_loops(graph.graph)
    )
    return loads + (held_bytes(ir, target, sizes) if stages > 1 else 0)


def held_bytes(ir: DeviceIR, target: Target, sizes: Mapping[Dim, int]) -> int:
    """Of `shared_bytes` in two stages and more, what loops' tiles take that wait for products that run on while the program does
    something else."""
    numbers = {symbol: Integer(length) for symbol, length in sizes.items()}
    if not target.has_tensor_memory or min((ir.hint(substitute(m, numbers)) for m, *_ in ir.dot_dims), default=0) < FEWEST_ROWS:
        return 0
    return sum(
        _bytes(ir, node, numbers) * _copies(ir, node) * _rounds_held(node)
        for graph in ir.graphs
        if graph.kind != _GRID
        for node in _loads_before_loops(graph.graph)
    )


def _rounds_held(load: fx.Node) -> int:
    """How many rounds longer a loaded tile is held that a product takes and so does a later one of its chain.

    The pipeline has the next product of a chain a round later. Compiled for sm_100, mla_decode's tile of the cache is keys for its first
    product and values for its third: four times there in two stages. Queries of `attention_grad_kv` are there three times.
    """
    tiles = {load}
    depths: dict[fx.Node, int] = {}
    taken: list[int] = []
    # Nodes are in the order of their dependences, so that one look at each is enough.
    for node in load.graph.nodes:
        sources = node.all_input_nodes
        depths[node] = max((depths[source] for source in sources), default=0) + _is_product(node)
        if _is_product(node):
            taken += [depths[node]] if not tiles.isdisjoint(sources) else []
        elif sources and sources[0] in tiles and not is_computed(node):
            tiles.add(node)
    return max(taken, default=0) - min(taken, default=0)


def _is_product(node: fx.Node) -> bool:
    op = OPS.find(node.target) if node.op == "call_function" else None
    return op is not None and op.requires is not None


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
