"""Sums of exponentials less the greatest value, in chunks of a row, beside the same in torch: also of rows that hold no number."""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.config.config import Config
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel
from helion.testing import DEVICE

ONLINE = "_combine_online("


@helion.kernel
def log_sum_exp(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0)], dtype=torch.float32, device=x.device)
    for rows in hl.tile(x.size(0)):
        values = x[rows, :].to(torch.float32)
        top = torch.amax(values, -1)
        out[rows] = top + torch.log(torch.exp(values - top[:, None]).sum(-1))
    return out


@helion.kernel
def by_powers(x: torch.Tensor) -> torch.Tensor:
    """Dims of length 1 instead of none."""
    out = torch.empty([x.size(0), 1], device=x.device)
    for rows in hl.tile(x.size(0)):
        values = x[rows, :]
        top = torch.amax(values, -1, keepdim=True)
        out[rows, :] = torch.exp2(values - top).sum(-1, keepdim=True)
    return out


@helion.kernel
def softmax(x: torch.Tensor) -> torch.Tensor:
    """The row is read again to be stored; by powers of two."""
    out = torch.empty_like(x)
    for rows in hl.tile(x.size(0)):
        values = x[rows, :]
        top = torch.amax(values, -1, keepdim=True)
        weights = torch.exp2(values - top)
        out[rows, :] = weights / weights.sum(-1, keepdim=True)
    return out


@helion.kernel
def two_sums(x: torch.Tensor) -> torch.Tensor:
    """Two functions of one greatest value."""
    out = torch.empty([x.size(0)], device=x.device)
    for rows in hl.tile(x.size(0)):
        values = x[rows, :]
        top = torch.amax(values, -1)
        out[rows] = torch.exp(values - top[:, None]).sum(-1) / torch.exp2(values - top[:, None]).sum(-1) + top
    return out


@helion.kernel
def turned(x: torch.Tensor) -> torch.Tensor:
    """Every row less the greatest of another one, which is no online sum."""
    out = torch.empty([x.size(0)], device=x.device)
    for rows in hl.tile(1):
        values = x[:, :]
        out[:] = torch.exp(values - torch.amax(values, -1)[None, :]).sum(-1) + rows.begin
    return out


@helion.kernel
def of_columns(x: torch.Tensor) -> torch.Tensor:
    """What is walked is not what lies together in memory."""
    out = torch.empty([x.size(1)], device=x.device)
    for columns in hl.tile(x.size(1)):
        values = x[:, columns].to(torch.float32)
        top = torch.amax(values, 0)
        out[columns] = top + torch.log(torch.exp(values - top[None, :]).sum(0))
    return out


def text_of(kernel: Kernel, x: torch.Tensor, chunk: int | None, rows: int = 2) -> str:
    """The generated code with rows in chunks of this length."""
    bound = kernel.bind((x,))
    assert isinstance(bound, BoundKernel)
    return bound.to_triton_code(Config(block_sizes=[rows], reduction_loops=[chunk]))


def _run(kernel: Kernel, x: torch.Tensor, chunk: int, rows: int) -> torch.Tensor:
    bound = kernel.bind((x,))
    assert isinstance(bound, BoundKernel)
    return bound.compile_config(Config(block_sizes=[rows], reduction_loops=[chunk]))(x)


def check_numbers() -> None:
    """Whole and partial chunks, one row and several a program."""
    torch.manual_seed(0)
    for length in (64, 100, 257):
        x = torch.randn(5, length, device=DEVICE) * 30
        for chunk, rows in ((16, 1), (32, 2), (64, 4)):
            torch.testing.assert_close(_run(log_sum_exp, x, chunk, rows), x.logsumexp(-1))
            torch.testing.assert_close(_run(softmax, x, chunk, rows), torch.softmax(x * 0.6931471805599453, -1))
            powers = torch.exp2(x - x.amax(-1, keepdim=True)).sum(-1, keepdim=True)
            torch.testing.assert_close(_run(by_powers, x, chunk, rows), powers)
            parts = [f(x - x.amax(-1, keepdim=True)).sum(-1) for f in (torch.exp, torch.exp2)]
            torch.testing.assert_close(_run(two_sums, x, chunk, rows), parts[0] / parts[1] + x.amax(-1))


def check_groups() -> None:
    """As many neighbours share a greatest value as a thread loads at once, whichever dim is walked."""
    torch.manual_seed(0)
    for dtype, group in ((torch.bfloat16, 8), (torch.float16, 8), (torch.float32, 4)):
        x = (torch.randn(6, 200, device=DEVICE) * 30).to(dtype)
        assert f"_REDUCTION_BLOCK_0 // {group}, {group}]" in text_of(log_sum_exp, x, 32)
        for chunk, rows in ((8, 1), (32, 2), (64, 4)):
            torch.testing.assert_close(_run(log_sum_exp, x, chunk, rows), x.float().logsumexp(-1))
        torch.testing.assert_close(_run(of_columns, x.T.contiguous(), 32, 4), x.float().logsumexp(-1))
    assert ", 1])" in text_of(of_columns, x.T.contiguous(), 32)
    odd = torch.randn(6, 201, device=DEVICE) * 30
    assert ", 1])" in text_of(log_sum_exp, odd, 32)  # rows that begin anywhere
    torch.testing.assert_close(_run(log_sum_exp, odd, 32, 2), odd.logsumexp(-1))


def check_rows_without_numbers() -> None:
    """As in two loops: NaN for rows of -inf, with inf and with NaN; -inf beside numbers adds nothing."""
    inf = float("inf")
    x = torch.randn(6, 96, device=DEVICE)
    x[0] = -inf
    x[1, 3] = inf
    x[2, 90] = float("nan")
    x[3, :64] = -inf  # whole chunks of it before the first number
    x[4, 64:] = -inf
    top = x.amax(-1)
    wanted = top + torch.log(torch.exp(x - top[:, None]).sum(-1))
    assert wanted.isnan().tolist() == [True, True, True, False, False, False]
    for chunk in (8, 16, 32, 64):
        for values in (x, x.half()):
            torch.testing.assert_close(_run(log_sum_exp, values, chunk, 2), wanted, equal_nan=True, rtol=1e-3, atol=1e-3)
        torch.testing.assert_close(_run(log_sum_exp, x, chunk, 2), wanted, equal_nan=True)


def check_texts() -> None:
    """One loop reads the row where nothing reads it again, and only where it is what is meant."""
    x = torch.empty(8, 128, device=DEVICE)
    text = text_of(log_sum_exp, x, 32)
    assert text.count("for roffset") == 1 and ONLINE in text
    assert ONLINE in text_of(by_powers, x, 32)
    for kernel, loops in ((softmax, 3), (two_sums, 2)):
        text = text_of(kernel, x, 32)
        assert text.count("for roffset") == loops and ONLINE not in text
    assert ONLINE not in text_of(log_sum_exp, x, None)
    ahead = Config(block_sizes=[2], reduction_loops=[32], num_stages=3)
    assert "tl.range(0, 128, _REDUCTION_BLOCK_0, num_stages=3)" in log_sum_exp.bind((x,)).to_triton_code(ahead)
    assert ONLINE not in text_of(turned, torch.empty(128, 128, device=DEVICE), 32, 1)
