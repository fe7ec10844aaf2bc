"""The chunk scan of Mamba-2."""

from __future__ import annotations

import torch

from benchmarks.kernels.workload import Workload, randn
from examples.mamba2_chunk_scan import mamba2_chunk_scan, reference

_B, _HEADS, _LENGTH, _CHUNK, _D, _STATES = 8, 80, 4096, 256, 64, 128
_CHUNKS = _LENGTH // _CHUNK


def _make() -> tuple[torch.Tensor, ...]:
    dt = torch.rand(_B, _HEADS, _CHUNKS, _CHUNK, device="cuda")
    return (
        randn(_B, _CHUNKS, 1, _CHUNK, _CHUNK),
        randn(_B, _LENGTH, _HEADS, _D),
        dt.bfloat16(),
        (-torch.rand_like(dt).cumsum(-1)).bfloat16(),
        randn(_B, _LENGTH, 1, _STATES),
        randn(_B, _CHUNKS, _HEADS, _D, _STATES),
        randn(_HEADS),
    )


WORKLOADS = (
    Workload(
        f"mamba2_chunk_scan b{_B} h{_HEADS} s{_LENGTH} c{_CHUNK} d{_D} n{_STATES}",
        mamba2_chunk_scan,
        reference,
        _make,
        bytes=2
        * (
            _B * _CHUNKS * _CHUNK * _CHUNK
            + 2 * _B * _LENGTH * _HEADS * _D
            + 2 * _B * _HEADS * _LENGTH
            + _B * _LENGTH * _STATES
            + _B * _CHUNKS * _HEADS * _D * _STATES
        ),
        tolerance=5e-2,
        is_baseline=True,
    ),
)
