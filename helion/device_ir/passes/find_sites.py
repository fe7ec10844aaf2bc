"""Numbers memory accesses and reduced extents in program order, and names them as the source does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from torch import fx

from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import NODE_INFO, DeviceIR, MemorySite, ReductionSite
from helion.device_ir.structure import branch, host_tensor, index_elements, loop, repeat
from helion.ops.index_places import filled
from helion.ops.operation import Op
from helion.ops.reductions import kind_of, reduced_dims
from helion.ops.table import OPS
from helion.types.dims import BlockSymbol, Dim, constant
from helion.types.types import Axis, TensorType


def program_order(ir: DeviceIR, graph: int) -> Iterator[fx.Node]:
    """The nodes of a graph and of the graphs it runs, as a program meets them."""
    for node in ir.graphs[graph].graph.nodes:
        yield node
        args: Any = node.args
        inner = {loop: args[:1], branch: args[1:3], repeat: args[:2]}.get(node.target, ()) if node.op == "call_function" else ()
        for index in inner:
            yield from program_order(ir, index)


def find_sites(ir: DeviceIR) -> DeviceIR:
    """The IR with its memory and reduction sites; accesses carry their number in `NodeInfo.site`."""
    nodes = [node for grid in ir.grid_loops for node in program_order(ir, grid.graph)]
    return replace(ir, memory_sites=tuple(_memory_sites(ir, nodes)), reduction_sites=tuple(_reduction_sites(ir, nodes)))


def _memory_sites(ir: DeviceIR, nodes: list[fx.Node]) -> Iterator[MemorySite]:
    counts = {"load": 0, "store": 0, "atomic": 0}
    evictable = 0
    accesses = ((node, kind) for node in nodes if (kind := _kind_of_access(node)) is not None)
    for index, (node, kind) in enumerate(accesses):
        info = info_of(node)
        node.meta[NODE_INFO] = replace(info, site=index)
        tensor = node.args[0]
        assert isinstance(tensor, fx.Node)
        tensor_type = info_of(tensor).type
        assert isinstance(tensor_type, TensorType)
        result = info.type if isinstance(info.type, TensorType) else tensor_type
        yield MemorySite(
            index=index,
            kind=kind,
            name=f"{kind} {_source_text(ir, node)}",
            span=info.span,
            tensor=tensor_type,
            result=result,
            can_use_block_pointer=ir.kernel.index_bits == 32,
            load_index=evictable if _may_be_evicted(node, kind) else None,
            indexing_index=counts["load"] + counts["store"] if kind != "atomic" else None,
            atomic_index=counts["atomic"] if kind == "atomic" else None,
            may_be_cut=kind != "atomic" and _may_be_cut(node, tensor_type),
        )
        counts[kind] += 1
        evictable += _may_be_evicted(node, kind)


def _may_be_cut(node: fx.Node, tensor: TensorType) -> bool:
    """Whether an index is a tile that ends elsewhere than the tensor's dim, or a vector, as a tile that is moved is."""
    elements = filled(index_elements(node.args[1]), len(tensor.dims), slice(None), lambda e: e is None, lambda e: e is Ellipsis)
    places = [element for element in elements if element is not None]
    return any(
        element.block is not None and (element.end is None or element.end != size)
        if isinstance(element, Axis)
        else isinstance(element, fx.Node) and isinstance(found := info_of(element).type, TensorType) and bool(found.dims)
        for element, size in zip(places, tensor.dims, strict=True)
    )


def _kind_of_access(node: fx.Node) -> str | None:
    op: Op | None = OPS.find(node.target) if node.op == "call_function" else None
    return None if op is None else op.accesses


def _may_be_evicted(node: fx.Node, kind: str) -> bool:
    """Whether the config says what becomes of the data in the cache: of loads that do not say so themselves."""
    explicit = node.args[3] if len(node.args) > 3 else node.kwargs.get("eviction_policy")
    return kind == "load" and explicit is None


def _source_text(ir: DeviceIR, node: fx.Node) -> str:
    text = " ".join(ir.kernel.file.text_of(info_of(node).span).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _reduction_sites(ir: DeviceIR, nodes: list[fx.Node]) -> Iterator[ReductionSite]:
    """One site a distinct extent that is reduced over or held whole by a `:` dim."""
    found: dict[Dim, fx.Node] = {}
    for node in nodes:
        if node.op != "call_function" or kind_of(node.target) is None:
            continue
        source = node.args[0]
        assert isinstance(source, fx.Node)
        type_ = info_of(source).type
        assert isinstance(type_, TensorType)
        for position in reduced_dims(len(type_.dims), node.args[1] if len(node.args) > 1 else None):
            extent = type_.dims[position]
            if not extent.has(BlockSymbol) and constant(extent) != 1:
                found.setdefault(extent, node)
    for index, (extent, node) in enumerate(found.items()):
        info = info_of(node)
        yield ReductionSite(index, f"reduction over {extent}", info.span, extent, _can_loop(ir, extent))


def _can_loop(ir: DeviceIR, extent: Dim) -> bool:
    """Whether every value with this extent lives in one block and is only loaded, computed on pointwise, reduced or stored there."""
    for graph in ir.graphs:
        for node in graph.graph.nodes:
            type_ = info_of(node).type if node.op != "output" else None
            holds = isinstance(type_, TensorType) and node.target is not host_tensor and extent in type_.shape
            if node.op == "placeholder" and holds and not _is_host(node, type_):
                return False
            if node.op == "output" and any(_holds(value, extent) for value in node.all_input_nodes):
                return False
            if node.op == "call_function" and not _keeps_position(node, extent, holds):
                return False
    return True


def _is_host(node: fx.Node, type_: Any) -> bool:
    return type_.region.value == "host"


def _holds(node: fx.Node, extent: Dim) -> bool:
    type_ = info_of(node).type
    return isinstance(type_, TensorType) and node.target is not host_tensor and not _is_host(node, type_) and extent in type_.shape


def _keeps_position(node: fx.Node, extent: Dim, holds: bool) -> bool:
    """Whether a node that takes or gives the extent works chunk by chunk."""
    takes = any(_holds(source, extent) for source in node.all_input_nodes)
    if not takes and not holds:
        return True
    if node.target in (loop, branch, repeat):
        return False
    if kind_of(node.target) is not None:
        return True
    op: Op | None = OPS.find(node.target)
    if op is not None and op.has_effect and node.users:
        return False  # a later loop over the chunks would compute it again
    return op is None or op.keeps_position
