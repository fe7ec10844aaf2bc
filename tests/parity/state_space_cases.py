"""Examples of state-space models and linear attention: chunks of a sequence, and the state between them."""

from __future__ import annotations

import torch

from examples import gdn_fwd_h, mamba2_chunk_scan, mamba2_chunk_state
from tests.parity.case import Case, Shape, Shapes, normal

_Drawn = list[torch.Tensor]
# b, x, dt and decay of batch, chunks, chunk, heads, groups, head dim, states.
_CHUNKS = ((1, 1, 16, 1, 1, 16, 16), (2, 2, 24, 4, 2, 20, 37), (1, 3, 32, 2, 1, 16, 16))
_GATED = ((1, 1, 1, 16, 16), (2, 37, 2, 16, 21), (1, 32, 2, 32, 16))


def _steps(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return torch.rand(shape, generator=generator)


def _decays(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    """Logarithms of decays, summed up along the last dimension."""
    return -(torch.rand(shape, generator=generator) * 0.2).cumsum(-1)


def _small(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    """Values whose sums of products stay near 1."""
    return (torch.randn(shape, generator=generator) * 0.2).to(dtype)


def _gates(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    """Logarithms of decays `[batch, rows, heads]`, summed up within chunks of 16 rows."""
    steps = torch.rand(shape, generator=generator) * -0.2
    return torch.cat([part.cumsum(1) for part in steps.split(16, 1)], 1)


def _state_shapes(batch: int, chunks: int, chunk: int, heads: int, groups: int, head_dim: int, states: int) -> Shapes:
    rows, steps = chunks * chunk, (batch, heads, chunks, chunk)
    return (batch, rows, groups, states), (batch, rows, heads, head_dim), steps, steps


def _scan_shapes(batch: int, chunks: int, chunk: int, heads: int, groups: int, head_dim: int, states: int) -> Shapes:
    c, x, dt, decay = _state_shapes(batch, chunks, chunk, heads, groups, head_dim, states)
    return (batch, chunks, groups, chunk, chunk), x, dt, decay, c, (batch, chunks, heads, head_dim, states), (heads,)


def _gated_shapes(batch: int, rows: int, heads: int, keys: int, values: int) -> Shapes:
    k = (batch, rows, heads, keys)
    return k, k, (batch, rows, heads, values), (batch, rows, heads)


STATE_SPACE_CASES = (
    Case(
        "mamba2_chunk_state",
        mamba2_chunk_state.mamba2_chunk_state,
        mamba2_chunk_state.reference,
        tuple(_state_shapes(*sizes) for sizes in _CHUNKS),
        draws=(_small, _small, _steps, _decays),
    ),
    Case(
        "mamba2_chunk_scan",
        mamba2_chunk_scan.mamba2_chunk_scan,
        mamba2_chunk_scan.reference,
        tuple(_scan_shapes(*sizes) for sizes in _CHUNKS),
        draws=(_small, _small, _steps, _decays, _small, _small, normal),
    ),
    Case(
        "gdn_fwd_h",
        gdn_fwd_h.gdn_fwd_h,
        gdn_fwd_h.reference,
        tuple(_gated_shapes(*sizes) for sizes in _GATED),
        (16,),
        draws=(_small, _small, normal, _gates),
    ),
)
