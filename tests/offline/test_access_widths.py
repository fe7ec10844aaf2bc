"""Neighbours in memory are loaded and stored 16 bytes at a time, however they are indexed: Triton follows offsets, and what divides them is
told to it. `tl.max_contiguous` would say of indices what it finds by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest
import torch

import helion
import helion.language as hl
from helion import compiler
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.target import find_target

_ACCESS = re.compile(r"\b(ld|st)\.global\S*?((?:\.v\d)?\.[bfsu]\d+)")
_WHOLE = {"ld.v4.b32", "st.v4.b32"}


def rows_and_columns(x: torch.Tensor, idx: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(out.size()):
        out[t, u] = x[t, u]


def whole_rows(x: torch.Tensor, idx: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0)):
        out[t, :] = x[t, :]


def gathered_rows(x: torch.Tensor, idx: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(out.size()):
        out[t, u] = x[idx[t], u]


def rows_behind_a_loaded_start(x: torch.Tensor, idx: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(out.size()):
        out[t, u] = x[idx[0] + t.index, u]


def rows_between_loaded_bounds(x: torch.Tensor, idx: torch.Tensor, out: torch.Tensor) -> None:
    for g in hl.grid(idx.size(0) - 1):
        for t, u in hl.tile([idx[g], 0], [idx[g + 1], out.size(1)]):
            out[t, u] = x[t, u]


def shifted_columns(x: torch.Tensor, idx: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile([out.size(0), out.size(1) - 64]):
        out[t, u] = x[t, u.index + 64]


def a_slice(x: torch.Tensor, idx: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0)):
        out[t, 64:] = x[t, 64:]


def by_indices_of_two_dims(x: torch.Tensor, idx: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(out.size()):
        out[t.index[:, None], u.index[None, :]] = x[t.index[:, None], u.index[None, :]]


def computed_offsets(x: torch.Tensor, idx: torch.Tensor, out: torch.Tensor) -> None:
    flat = x.view(-1)
    for t, u in hl.tile(out.size()):
        out[t, u] = flat[t.index[:, None] * out.size(1) + u.index[None, :]]


def one_flat_loop(x: torch.Tensor, idx: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(out.size()):
        out[t, u] = x[t, u] * 2


@pytest.mark.parametrize("static_shapes", [True, False], ids=["static", "dynamic"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["f32", "bf16"])
@pytest.mark.parametrize(
    ("fn", "config"),
    [
        (rows_and_columns, {"block_sizes": [4, 1024]}),
        (whole_rows, {"block_sizes": [4]}),
        (gathered_rows, {"block_sizes": [4, 1024]}),
        (rows_behind_a_loaded_start, {"block_sizes": [4, 1024]}),
        (rows_between_loaded_bounds, {"block_sizes": [4, 1024]}),
        (shifted_columns, {"block_sizes": [4, 1024]}),
        (a_slice, {"block_sizes": [4]}),
        (by_indices_of_two_dims, {"block_sizes": [4, 1024]}),
        (computed_offsets, {"block_sizes": [4, 1024]}),
        (one_flat_loop, {"block_sizes": [4, 1024], "flatten_loops": [True]}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_neighbours_are_moved_together(fn: Callable[..., None], config: dict[str, object], dtype: torch.dtype, static_shapes: bool) -> None:
    target = find_target("sm_90")
    assert target is not None
    x, idx = torch.zeros(256, 4096, dtype=dtype), torch.zeros(256, dtype=torch.int64)
    bound = BoundKernel(helion.kernel(fn, static_shapes=static_shapes, autotune_effort="none"), (x, idx, torch.zeros_like(x)))
    space = compiler.config_space(bound.ir, target)
    compiled = compile_module(compiler.generate(bound.ir, space.normalize({**config, "indexing": "pointer"}), target), target)
    assert isinstance(compiled, Artifact)
    # Indices have 64 bits.
    found = Counter(direction + width for direction, width in _ACCESS.findall(compiled.assembly) if not width.endswith("b64"))
    assert set(found) - _WHOLE == set(), found
    assert set(found) >= _WHOLE
