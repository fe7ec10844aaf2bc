"""A kernel of one product and its tiles -> whether programs take several of them, the loads of the next under the end of the one before."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from torch import fx

from helion.config.defaults.shared_memory import bytes_stored, shared_bytes
from helion.config.normal_form import range_entries
from helion.device_ir.computed import is_computed
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.ops.table import OPS
from helion.target import Target
from helion.types.dims import Dim
from helion.types.types import Axis, TensorType


def values_of_shared_programs(ir: DeviceIR, target: Target, lengths: Mapping[Dim, int], stages: int, parts: int) -> dict[str, Any]:
    """One program a multiprocessor, with the loop over K flattened into the one over tiles, where a multiprocessor gets several. `parts`
    are those in which a tile is stored: it waits in shared memory beside the next one's loads.

    Measured in turns beside a program a tile (tiles of 128 by 256): 4096 by 4096 by 512 32.1 µs and 36.4, 16384 by 4096 by 1024 209 and
    234, 4096³ 194.8 and 199.4, 8192³ 1,624 and 1,640. An operand that is unpacked or cast on the way gains nothing (363 µs and 362), and
    440 flattened; tiles of which a multiprocessor holds two lose (2048³: 36.4 and 28.0).

    Where sums are in tensor memory each part has a place in shared memory of its own: fp8_gemm, float32 in two parts, takes 278,576 bytes.
    """
    axes = [axis for site in ir.loop_sites if site.is_grid for axis in site.axes]
    walks = [site for site in ir.loop_sites if not site.is_grid]
    is_plain = len(ir.grid_loops) == 1 and len(walks) == 1 and len(walks[0].axes) == 1 and all(axis.end is not None for axis in axes)
    if not (target.has_tensor_descriptor and is_plain and _is_one_product_of_loads(ir)):
        return {}
    if math.prod(_tiles(ir, axis, lengths) for axis in axes) <= target.multiprocessors:
        return {}
    m, n, *_ = ir.dot_dims[0]
    stored = bytes_stored(ir) * lengths.get(m, ir.hint(m)) * lengths.get(n, ir.hint(n)) // (1 if target.has_tensor_memory else parts)
    if shared_bytes(ir, target, lengths, stages) + stored > target.shared_memory_per_block:
        return {}
    flattens = [True if site.is_grid else None for site, _ in range_entries(ir)]
    return {"pid_type": "persistent_interleaved", "range_flattens": flattens}


def _tiles(ir: DeviceIR, axis: Axis, lengths: Mapping[Dim, int]) -> int:
    length = 1 if axis.block is None else lengths[axis.block.symbol]
    return 1 if axis.end is None else -(-ir.hint(axis.end) // length)


def _is_one_product_of_loads(ir: DeviceIR) -> bool:
    """Whether there is one product, and neither operand is made in registers rather than brought by the copy engine as it is."""
    nodes = (node for graph in ir.graphs for node in graph.graph.nodes if node.op == "call_function")
    products = [node for node in nodes if (op := OPS.find(node.target)) is not None and op.requires is not None]
    held = {(m, n) for m, n, *_ in ir.dot_dims}
    return len(products) == 1 and not any(is_computed(node) and _dims(node) not in held for node in products[0].all_input_nodes)


def _dims(node: fx.Node) -> tuple[Dim, ...]:
    type_ = info_of(node).type
    return type_.dims[-2:] if isinstance(type_, TensorType) else ()
