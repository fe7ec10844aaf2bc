"""Rows and columns that do not fill their tiles, where loads fill what is left with what reductions ask for, beside the same in torch."""

from __future__ import annotations

import math

import torch

import helion
import helion.language as hl
from helion.config.config import Config
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel
from helion.testing import DEVICE


@helion.kernel
def column_sums_of_softmax(x: torch.Tensor) -> torch.Tensor:
    """Summed along the rows as well, past whose end lanes hold NaN."""
    out = torch.zeros([x.size(1)], device=x.device)
    for rows in hl.tile(x.size(0)):
        values = x[rows, :]
        weights = torch.exp(values - torch.amax(values, -1, keepdim=True))
        weights = weights / weights.sum(-1, keepdim=True)
        hl.atomic_add(out, [slice(None)], weights.sum(0))
    return out


@helion.kernel
def sum_over_both(x: torch.Tensor) -> torch.Tensor:
    out = torch.zeros([1], device=x.device)
    for rows in hl.tile(x.size(0)):
        values = x[rows, :]
        hl.atomic_add(out, [0], torch.exp(values - torch.amax(values, -1, keepdim=True)).sum())
    return out


@helion.kernel
def two_passes(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    block = hl.register_block_size(x.size(1))
    for rows in hl.tile(x.size(0)):
        top = hl.full([rows], float("-inf"), dtype=torch.float32)
        total = hl.zeros([rows], dtype=torch.float32)
        for columns in hl.tile(x.size(1), block_size=block):
            values = x[rows, columns]
            greatest = torch.maximum(top, torch.amax(values, 1))
            total = total * torch.exp(top - greatest) + torch.exp(values - greatest[:, None]).sum(1)
            top = greatest
        for columns in hl.tile(x.size(1), block_size=block):
            out[rows, columns] = torch.exp(x[rows, columns] - top[:, None]) / total[:, None]
    return out


@helion.kernel
def least_and_product(x: torch.Tensor) -> torch.Tensor:
    """Each load is reduced in one way, and the third in two, which want different lanes."""
    out = torch.empty([4, x.size(0)], device=x.device)
    for rows in hl.tile(x.size(0)):
        out[0, rows] = torch.amin(x[rows, :], -1)
        out[1, rows] = torch.prod(x[rows, :] * 1.0, -1)
        values = x[rows, :]
        out[2, rows] = torch.amax(values, -1)
        out[3, rows] = values.sum(-1)
    return out


@helion.kernel
def jagged_sums(x: torch.Tensor, ends: torch.Tensor) -> torch.Tensor:
    """Rows that may be empty: their sum is 0."""
    out = torch.empty([ends.size(0)], device=x.device)
    for rows in hl.tile(ends.size(0)):
        total = hl.zeros([rows], dtype=torch.float32)
        for columns in hl.jagged_tile(ends[rows]):
            values = x[rows, columns]
            total += torch.exp(values - torch.amax(values, 1, keepdim=True)).sum(1)
        out[rows] = total
    return out


def _softmax(x: torch.Tensor) -> torch.Tensor:
    return torch.softmax(x, -1)


def _least_and_product(x: torch.Tensor) -> torch.Tensor:
    return torch.stack([x.amin(-1), x.prod(-1), x.amax(-1), x.sum(-1)])


def _with_config(kernel: Kernel, config: Config, *, static: bool, args: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, str]:
    live = helion.kernel(kernel.fn, config=config, static_shapes=static)
    bound = live.bind(args)
    assert isinstance(bound, BoundKernel)
    return live(*args), bound.to_triton_code(config)


def check_partial_tiles() -> None:
    """Rows and columns that fill no tile, sizes as constants and as arguments, loads by pointers and by descriptors."""
    x = torch.randn(13, 20, device=DEVICE)
    exponentials = torch.exp(x - x.amax(-1, keepdim=True))
    expected = {
        column_sums_of_softmax: _softmax(x).sum(0),
        sum_over_both: exponentials.sum().reshape(1),
        two_passes: _softmax(x),
        least_and_product: _least_and_product(x),
    }
    for kernel, wanted in expected.items():
        blocks = [4, 8] if kernel is two_passes else [4]
        for static in (True, False):
            for indexing in ("pointer", "block_ptr", "tensor_descriptor"):
                actual, _ = _with_config(kernel, Config(block_sizes=blocks, indexing=indexing), static=static, args=(x,))
                torch.testing.assert_close(actual, wanted, msg=lambda text, k=kernel, i=indexing, s=static: f"{k.name} {i} {s}: {text}")


def check_rows_without_numbers() -> None:
    """A row of nothing but -inf, and those with inf and with NaN, are NaN as they are in torch."""
    x = torch.randn(8, 20, device=DEVICE)
    x[1], x[2, 3], x[3, 4], x[4, 19] = -math.inf, math.inf, math.nan, -math.inf
    for static in (True, False):
        actual, _ = _with_config(two_passes, Config(block_sizes=[4, 32]), static=static, args=(x,))
        torch.testing.assert_close(actual, _softmax(x), equal_nan=True)


def check_empty_jagged_rows() -> None:
    x = torch.randn(6, 12, device=DEVICE)
    ends = torch.tensor([3, 0, 12, 1, 0, 7], device=DEVICE)
    actual, _ = _with_config(jagged_sums, Config(block_sizes=[4, 16]), static=True, args=(x, ends))
    wanted = [torch.exp(row[:end] - row[:end].max()).sum() if end else row.new_zeros([]) for row, end in zip(x, ends.tolist(), strict=True)]
    torch.testing.assert_close(actual, torch.stack(wanted))


def check_texts() -> None:
    """No lane is selected twice: what a load fills in is what the reductions of it ask for."""
    x = torch.randn(13, 20, device=DEVICE)
    _, text = _with_config(two_passes, Config(block_sizes=[8, 8]), static=True, args=(x,))
    assert 'other=float("-inf")' in text and "tl.where" not in text, text
    _, text = _with_config(sum_over_both, Config(block_sizes=[4]), static=True, args=(x,))
    assert 'other=float("-inf")' in text and text.count("tl.where") == 1, text
    _, text = _with_config(least_and_product, Config(block_sizes=[8]), static=True, args=(x,))
    assert text.count('other=float("inf")') == 1 and 'other=float("-inf")' not in text, text
