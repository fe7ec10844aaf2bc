"""The language, conventionally `import helion.language as hl`: re-exports of the ops' public stubs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helion.ops.atomics import atomic_add, atomic_and, atomic_cas, atomic_max, atomic_min, atomic_or, atomic_xchg, atomic_xor
from helion.ops.barriers import barrier
from helion.ops.creation import arange, full, zeros
from helion.ops.debugging import breakpoint, device_print  # noqa: A004 - the name that it has in Python
from helion.ops.dot import dot
from helion.ops.dot_scaled import dot_scaled
from helion.ops.folds import reduce
from helion.ops.inline_assembly import inline_asm_elementwise
from helion.ops.inline_triton import inline_triton, triton_kernel
from helion.ops.memory import load, store
from helion.ops.packed_floats import (
    float4_e2m1fn_x2_to_float32,
    load_bfloat16_x16_to_float16,
    load_float4_e2m1fn_x16_to_float16,
)
from helion.ops.pairs import join, split
from helion.ops.random import rand, rand4x, randint
from helion.ops.scans import associative_scan, cumprod, cumsum
from helion.ops.stack_tensors import stacktensor_like
from helion.ops.static_types import StackTensor, Tile
from helion.ops.tiles import grid, jagged_tile, static_range, tile, tile_begin, tile_block_size, tile_end, tile_id, tile_index
from helion.ops.tunables import register_block_size, register_tunable, specialize
from helion.ops.views import subscript

# To a type checker any value may be given for a constant.
if TYPE_CHECKING:
    from helion.ops.static_types import constexpr
else:
    from helion.ops.tunables import constexpr

__all__ = [
    "StackTensor",
    "Tile",
    "arange",
    "associative_scan",
    "atomic_add",
    "atomic_and",
    "atomic_cas",
    "atomic_max",
    "atomic_min",
    "atomic_or",
    "atomic_xchg",
    "atomic_xor",
    "barrier",
    "breakpoint",
    "constexpr",
    "cumprod",
    "cumsum",
    "device_print",
    "dot",
    "dot_scaled",
    "float4_e2m1fn_x2_to_float32",
    "full",
    "grid",
    "inline_asm_elementwise",
    "inline_triton",
    "jagged_tile",
    "join",
    "load",
    "load_bfloat16_x16_to_float16",
    "load_float4_e2m1fn_x16_to_float16",
    "rand",
    "rand4x",
    "randint",
    "reduce",
    "register_block_size",
    "register_tunable",
    "specialize",
    "split",
    "stacktensor_like",
    "static_range",
    "store",
    "subscript",
    "tile",
    "tile_begin",
    "tile_block_size",
    "tile_end",
    "tile_id",
    "tile_index",
    "triton_kernel",
    "zeros",
]
