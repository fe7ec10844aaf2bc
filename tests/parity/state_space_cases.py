"""Examples of state-space models and linear attention: chunks of a sequence, and the state between them."""

from __future__ import annotations

import torch

from examples import gdn_fwd_h, linear_attention, mamba2_chunk_scan, mamba2_chunk_state
from tests.parity.case import Case, Shape, Shapes, normal, normal_float32

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


def _negative(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return torch.rand(shape, generator=generator) * -0.3


def _offsets(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    """Where sequences begin and end in the rows drawn before."""
    rows = drawn[0].size(0)
    inner = torch.randint(rows + 1, (shape[0] - 2,), generator=generator).sort().values
    return torch.tensor([0, *inner.tolist(), rows]).to(torch.int32)


def _chunk_rows(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
    return (q @ k.transpose(1, 2)).tril() @ v + q @ before


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
    Case(
        "linear_attention",
        linear_attention.linear_attention,
        linear_attention.reference,
        (((1, 1, 16),) * 3, ((2, 37, 16), (2, 37, 16), (2, 37, 21)), ((0, 5, 16),) * 3),
        (16,),
        draws=(_small, _small, _small),
    ),
    Case(
        "retention",
        linear_attention.retention,
        linear_attention.reference_of_retention,
        (((1, 1, 1, 16),) * 3 + ((1,),), ((2, 3, 37, 16), (2, 3, 37, 16), (2, 3, 37, 21), (3,))),
        (16,),
        draws=(_small, _small, _small, _negative),
    ),
    Case(
        "gated_linear_attention",
        linear_attention.gated_linear_attention,
        linear_attention.reference_of_gated,
        (((1, 1, 16),) * 3 + ((1, 1), (2,)), ((61, 2, 16), (61, 2, 16), (61, 2, 21), (61, 2), (6,))),
        (16,),
        draws=(_small, _small, _small, _negative, _offsets),
    ),
    Case(
        "chunk_sums",
        linear_attention.chunk_sums,
        lambda k, v: (k.transpose(1, 2) @ v).to(torch.float32),
        (((1, 1, 16), (1, 1, 16)), ((3, 24, 16), (3, 24, 21))),
        draws=(_small, _small),
    ),
    Case(
        "chunk_rows",
        linear_attention.chunk_rows,
        _chunk_rows,
        (((1, 16, 16),) * 4, ((3, 24, 16), (3, 24, 16), (3, 24, 21), (3, 16, 21))),
        draws=(_small, _small, _small, normal_float32),
    ),
)
