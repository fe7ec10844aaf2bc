"""Calls of kernels whose walks are shared out, compared with torch; and which kernels' walks are."""

from __future__ import annotations

import re
from typing import Any

import torch

import helion
from examples.grouped_gemm import grouped_gemm, reference
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel
from helion.testing import DEVICE
from tests.parity.shared_walk_kernels import (
    carries,
    from_its_own_begin,
    last_round_wins,
    one_axis,
    reads_what_it_wrote,
    writes_after,
    writes_where_told,
)

# More rounds than there are shares, an empty group, and a last round that is not whole.
_SIZES = (600, 0, 19)
_CONFIGS: tuple[dict[str, Any], ...] = (
    {"block_sizes": [16, 16, 16], "l2_groupings": [4]},
    {"block_sizes": [32, 16, 32], "pid_type": "xyz", "loop_orders": [[1, 0]]},
    {"block_sizes": [16, 16, 32], "pid_type": "persistent_interleaved", "l2_groupings": [2], "range_flattens": [True, None, None]},
    {"block_sizes": [32, 16, 32], "pid_type": "persistent_blocked", "range_unroll_factors": [0, 2, 0]},
)


def arguments(columns: int = 32) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    offsets = torch.nn.functional.pad(torch.tensor(_SIZES).cumsum(0), (1, 0)).to(DEVICE)
    x = torch.randn(sum(_SIZES), 32, device=DEVICE, dtype=torch.bfloat16)
    return x, torch.randn(len(_SIZES), 32, columns, device=DEVICE, dtype=torch.bfloat16), offsets


def text_of(kernel: Kernel, *args: torch.Tensor) -> str:
    bound = kernel.bind(args)
    assert isinstance(bound, BoundKernel)
    return bound.to_triton_code()


def is_shared(text: str) -> bool:
    return re.search(r"share\w* = \w+ % \d+\n", text) is not None


def check_values() -> None:
    args = arguments()
    wanted = reference(*args)
    kernels = [helion.kernel(grouped_gemm.fn, config=helion.Config(**config)) for config in _CONFIGS]
    kernels.append(helion.kernel(grouped_gemm.fn, config=helion.Config(**_CONFIGS[0]), static_shapes=False))
    for kernel in (*kernels, one_axis, from_its_own_begin):
        text = text_of(kernel, *args)
        assert is_shared(text), text
        torch.testing.assert_close(kernel(*args), wanted, rtol=2e-2, atol=1e-1)


def check_what_is_not_shared() -> None:
    args = arguments()
    places = torch.zeros(args[0].size(0), device=DEVICE, dtype=torch.int64)
    for kernel in (last_round_wins, carries, reads_what_it_wrote):
        assert not is_shared(text_of(kernel, *args)), kernel.name
    assert not is_shared(text_of(writes_where_told, *args, places))
    assert not is_shared(text_of(writes_after, *args, places[: len(_SIZES)].to(torch.int32)))


def check_many_programs() -> None:
    """A grid of programs enough keeps its loops whole."""
    x, offsets = torch.empty(4096, 32, device=DEVICE, dtype=torch.bfloat16), torch.arange(2049, device=DEVICE)
    kernel = helion.kernel(grouped_gemm.fn, autotune_effort="none")
    assert not is_shared(text_of(kernel, x, x.new_empty(2048, 32, 512), offsets))
