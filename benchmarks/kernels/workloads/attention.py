"""Attention over 4,096 keys, with and without a causal mask, beside cuDNN's and flash attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from benchmarks.kernels.workload import Call, Workload, randn
from examples.attention import attention, causal_attention

_SHAPE = (4, 32, 4096, 128)
_FLOPS = 4.0 * 4 * 32 * 4096**2 * 128


def _backend(backend: SDPBackend, *, is_causal: bool) -> Call:
    def call(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> Any:
        with sdpa_kernel(backend):
            return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=is_causal)

    return call


def _peers(*, is_causal: bool) -> Mapping[str, Call]:
    return {"flash": _backend(SDPBackend.FLASH_ATTENTION, is_causal=is_causal)}


def _qkv() -> tuple[torch.Tensor, ...]:
    return tuple(randn(*_SHAPE) for _ in range(3))


WORKLOADS = tuple(
    Workload(
        f"{kernel.name} b4 h32 s4096 d128",
        kernel,
        _backend(SDPBackend.CUDNN_ATTENTION, is_causal=is_causal),
        _qkv,
        flops=_FLOPS / (2 if is_causal else 1),
        peers=_peers(is_causal=is_causal),
    )
    for kernel, is_causal in ((attention, False), (causal_attention, True))
)
