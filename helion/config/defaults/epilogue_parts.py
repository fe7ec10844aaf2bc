"""What follows a product's sums in, whether it is better done in parts out: all of it at once would not fit beside the sums."""

from __future__ import annotations

from helion.config.defaults.shared_memory import bytes_stored
from helion.device_ir.epilogue import Epilogue
from helion.device_ir.graph_builder import info_of
from helion.device_ir.ir import DeviceIR
from helion.ops.table import OPS
from helion.target import Target
from helion.types.types import TensorType

# Of an element of a result, in bytes, where its tile is the largest.
_WIDEST_STORE = 2


def holds_much(ir: DeviceIR, target: Target, epilogue: Epilogue | None) -> bool:
    """Whether what follows the sums loads or stores several tiles of their size: with the sums that is more than the registers hold. Or
    stores one as wide as the sums: 128 KiB, for which shared memory has no room beside the operands.

    Compiled for sm_80, sm_90 and sm_100 with tiles of 128 by 256: a product with bias, GELU and residual spills 90, 22 and 44 registers,
    none in two parts.

    A thread that reads sums from tensor memory has a row of them, and as many elements of each vector of columns: fp8_matmul with scales
    of columns and a bias spills 48, none in two parts; without the bias none.
    """
    if epilogue is None:
        return False
    types = (info_of(node).type for node in epilogue.nodes if (op := OPS.find(node.target)) is not None and op.accesses == "load")
    loaded = [type_.dims for type_ in types if isinstance(type_, TensorType)]
    stores = sum((op := OPS.find(node.target)) is not None and op.accesses == "store" for node in epilogue.nodes)
    whole = sum(len(dims) > 1 for dims in loaded) + stores
    columns = sum(dims == (n,) for dims in loaded for n in {n for _, n, *_ in ir.dot_dims})
    return whole > 1 or (target.has_tensor_memory and whole + columns > 2) or bytes_stored(ir) > _WIDEST_STORE
