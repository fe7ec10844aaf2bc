"""Kernels on tensors that 32 bits do not reach all of, and what must hold of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

import helion
import helion.language as hl
from helion import exc
from helion.runtime.bound_kernel import BoundKernel

_HUGE = 2**31


def first_elements(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(out.size(0)):
        out[t] = x[t]


def last_elements(x: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0) - out.size(0), x.size(0)):
        out[t.index - (x.size(0) - out.size(0))] = x[t]


def last_rows(x: torch.Tensor, out: torch.Tensor) -> None:
    for t, u in hl.tile(out.size()):
        out[t, u] = x[t + (x.size(0) - out.size(0)), u]


def rows_from(x: torch.Tensor, first: int, out: torch.Tensor) -> None:
    for t, u in hl.tile([first, 0], x.size()):
        out[t.index - first, u] = x[t, u]


def chosen_rows(x: torch.Tensor, rows: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(rows.size(0)):
        out[t, :] = x[rows[t], :]


def squares(x: torch.Tensor) -> torch.Tensor:
    n = x.size(0)
    table = torch.empty([n, n], dtype=x.dtype, device=x.device)
    for t, u in hl.tile([n, n]):
        table[t, u] = x[t][:, None] * x[u][None, :]
    return table


def bound(function: Callable[..., Any], *args: Any, **settings: Any) -> BoundKernel:
    found = helion.kernel(function, autotune_effort="none", **settings).bind(args)
    assert isinstance(found, BoundKernel)
    return found


def check_widths() -> None:
    def bits(function: Callable[..., Any], *args: Any, **settings: Any) -> int:
        found = bound(function, *args, **settings)
        text = found.to_triton_code(found.config_spec.default())
        width = 64 if "tl.int64" in text else 32
        assert width == found.ir.kernel.index_bits, text
        return width

    small, one, out = torch.ones(64), torch.ones(1), torch.zeros(16)
    for static_shapes in (True, False):
        assert bits(first_elements, small, out, static_shapes=static_shapes) == 32
        assert bits(first_elements, small, out, static_shapes=static_shapes, index_dtype=torch.int64) == 64
        assert bits(first_elements, one.expand(_HUGE - 1), out, static_shapes=static_shapes) == 32
        assert bits(first_elements, one.expand(_HUGE), out, static_shapes=static_shapes) == 64
        assert bits(squares, torch.ones(46340), static_shapes=static_shapes) == 32
        assert bits(squares, torch.ones(46341), static_shapes=static_shapes) == 64


def check_calls_of_one_kernel() -> None:
    """Sizes of arguments that need no more than 32 bits make a tensor that does: the later call is compiled anew."""
    kernel = helion.kernel(squares, autotune_effort="none", static_shapes=False)
    widths = [kernel.bind([torch.ones(n)]).ir.kernel.index_bits for n in (64, 46340, 46341, 128)]
    assert widths == [32, 32, 64, 32]
    assert kernel.bind([torch.ones(64)]) is kernel.bind([torch.ones(46336)])
    only_32 = helion.kernel(squares, autotune_effort="none", static_shapes=False, index_dtype=torch.int32)
    only_32.bind([torch.ones(64)])
    with pytest.raises(exc.IndexOffsetOutOfRangeForInt32):
        only_32.bind([torch.ones(46341)])


def check_far_elements() -> None:
    out = torch.zeros(16, dtype=torch.int8)
    bytes_ = torch.empty(_HUGE + 64, dtype=torch.int8)
    bytes_[-64:] = torch.arange(64)
    for static_shapes in (True, False):
        helion.kernel(last_elements, autotune_effort="none", static_shapes=static_shapes)(bytes_, out.zero_())
        assert torch.equal(out, bytes_[-16:])
        table, rows = bytes_.view(-1, 32), torch.zeros(2, 32, dtype=torch.int8)
        helion.kernel(last_rows, autotune_effort="none", static_shapes=static_shapes)(table, rows)
        assert torch.equal(rows, table[-2:])
        last = torch.tensor([table.size(0) - 1, table.size(0) - 2], dtype=torch.int32)
        helion.kernel(chosen_rows, autotune_effort="none", static_shapes=static_shapes)(table, last, rows.zero_())
        assert torch.equal(rows, table[-2:].flip(0))


def check_program_ids() -> None:
    out = torch.zeros(64, dtype=torch.int8)
    bytes_ = torch.empty(_HUGE + 64, dtype=torch.int8)
    bytes_[-64:] = torch.arange(64)
    table, rows = bytes_.view(-1, 16), out.view(-1, 16)
    for pid_type in ("flat", "xyz", "persistent_blocked", "persistent_interleaved"):
        config = helion.Config(block_sizes=[2, 8], pid_type=pid_type)
        helion.kernel(rows_from, config=config)(table, table.size(0) - 4, rows.zero_())
        assert torch.equal(rows, table[-4:])


def check_refusals() -> None:
    one, out = torch.ones(1), torch.zeros(16)
    with pytest.raises(exc.InputTensorNumelExceedsIndexType, match="`x`, f32\\[2147483648\\], has more elements"):
        bound(first_elements, one.expand(_HUGE), out, index_dtype=torch.int32)
    with pytest.raises(exc.IndexOffsetOutOfRangeForInt32, match="offsets into `table`"):
        bound(squares, torch.ones(46341), index_dtype=torch.int32)
    table = torch.empty(_HUGE + 64, dtype=torch.int8).as_strided((3, 16), (2**30 + 16, 1))
    with pytest.raises(exc.IndexOffsetOutOfRangeForInt32, match="offsets into `x`"):
        bound(last_rows, table, torch.zeros(2, 16, dtype=torch.int8), index_dtype=torch.int32)
    assert bound(last_rows, table, torch.zeros(2, 16, dtype=torch.int8)).ir.kernel.index_bits == 64
