"""The language, conventionally `import helion.language as hl`: re-exports of the ops' public stubs, loaded when first used.

Python evaluates none of them to define a kernel, and what compiles it asks the table of operations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    from helion.ops.static_types import StackTensor, Tile, constexpr
    from helion.ops.tiles import grid, jagged_tile, static_range, tile, tile_begin, tile_block_size, tile_end, tile_id, tile_index
    from helion.ops.tunables import register_block_size, register_tunable, specialize
    from helion.ops.views import subscript

# To a type checker any value may be given for a constant: it knows `constexpr` from `static_types`.
_HOMES = {
    "StackTensor": "helion.ops.static_types",
    "Tile": "helion.ops.static_types",
    "arange": "helion.ops.creation",
    "associative_scan": "helion.ops.scans",
    "atomic_add": "helion.ops.atomics",
    "atomic_and": "helion.ops.atomics",
    "atomic_cas": "helion.ops.atomics",
    "atomic_max": "helion.ops.atomics",
    "atomic_min": "helion.ops.atomics",
    "atomic_or": "helion.ops.atomics",
    "atomic_xchg": "helion.ops.atomics",
    "atomic_xor": "helion.ops.atomics",
    "barrier": "helion.ops.barriers",
    "breakpoint": "helion.ops.debugging",
    "constexpr": "helion.ops.tunables",
    "cumprod": "helion.ops.scans",
    "cumsum": "helion.ops.scans",
    "device_print": "helion.ops.debugging",
    "dot": "helion.ops.dot",
    "dot_scaled": "helion.ops.dot_scaled",
    "float4_e2m1fn_x2_to_float32": "helion.ops.packed_floats",
    "full": "helion.ops.creation",
    "grid": "helion.ops.tiles",
    "inline_asm_elementwise": "helion.ops.inline_assembly",
    "inline_triton": "helion.ops.inline_triton",
    "jagged_tile": "helion.ops.tiles",
    "join": "helion.ops.pairs",
    "load": "helion.ops.memory",
    "load_bfloat16_x16_to_float16": "helion.ops.packed_floats",
    "load_float4_e2m1fn_x16_to_float16": "helion.ops.packed_floats",
    "rand": "helion.ops.random",
    "rand4x": "helion.ops.random",
    "randint": "helion.ops.random",
    "reduce": "helion.ops.folds",
    "register_block_size": "helion.ops.tunables",
    "register_tunable": "helion.ops.tunables",
    "specialize": "helion.ops.tunables",
    "split": "helion.ops.pairs",
    "stacktensor_like": "helion.ops.stack_tensors",
    "static_range": "helion.ops.tiles",
    "store": "helion.ops.memory",
    "subscript": "helion.ops.views",
    "tile": "helion.ops.tiles",
    "tile_begin": "helion.ops.tiles",
    "tile_block_size": "helion.ops.tiles",
    "tile_end": "helion.ops.tiles",
    "tile_id": "helion.ops.tiles",
    "tile_index": "helion.ops.tiles",
    "triton_kernel": "helion.ops.inline_triton",
    "zeros": "helion.ops.creation",
}

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

if not TYPE_CHECKING:  # a module that has this function has every name, to a type checker
    from helion.late_import import late_import

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'helion.language' has no attribute {name!r}")
        found = getattr(late_import(_HOMES[name]), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
