"""Examples that multiply groups of rows by a matrix of each group, with groups that have no rows: of a batch, or of an expert."""

from __future__ import annotations

import torch

from examples import fused_moe, grouped_gemm, moe_matmul_ogs
from tests.parity.case import Case, Shape, Shapes, normal, normal_float32
from tests.parity.jagged_cases import offsets

_Drawn = list[torch.Tensor]
_GROUPS: tuple[Shapes, ...] = (
    ((1, 1), (1, 1, 1), (2,)),
    ((37, 24), (5, 24, 50), (6,)),
    ((64, 16), (2, 16, 32), (3,)),
    ((0, 8), (3, 8, 5), (4,)),
)
_TOP_K = 2


def _order(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return torch.randperm(shape[0], generator=generator)


def _distinct(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    """Values of which no two of a row are equal, in every dtype: the order of equal ones is nobody's promise."""
    return torch.rand(shape, generator=generator).argsort(-1).to(dtype) * 0.25


def _experts_of_pairs(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    """Of five experts, without the second."""
    drawn_experts = torch.randint(5, shape, generator=generator, dtype=torch.int32)
    return torch.where(drawn_experts == 1, 0, drawn_experts)


def _pair_of_row(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    """Each pair of tokens of the first argument in one row; the other rows are padding."""
    pairs = drawn[0].size(0) * _TOP_K
    rows = torch.full(shape, pairs, dtype=torch.int32)
    rows[torch.randperm(shape[0], generator=generator)[:pairs]] = torch.arange(pairs, dtype=torch.int32)
    return rows


def _expert_of_block(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    """An expert of the second argument's, or -1 for a block that is all padding."""
    return torch.randint(-1, drawn[1].size(0), shape, generator=generator, dtype=torch.int32)


def _zeros(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return torch.zeros(shape, dtype=dtype)


def _ranks(expert_of_pair: torch.Tensor, experts: int) -> tuple[torch.Tensor, torch.Tensor]:
    is_own = expert_of_pair[:, None] == torch.arange(experts, device=expert_of_pair.device)
    ranks = (is_own.cumsum(0) * is_own).sum(1) - 1
    return ranks.to(torch.int32), is_own.sum(0).to(torch.int32)


def _route(logits: torch.Tensor, top_k: int) -> tuple[torch.Tensor, torch.Tensor]:
    best, place = logits.topk(top_k, dim=-1)
    return place.to(torch.int32), best.softmax(-1).float()


def _expert_matmul(
    x: torch.Tensor,
    weights: torch.Tensor,
    pair_of_row: torch.Tensor,
    expert_of_block: torch.Tensor,
    out: torch.Tensor,
    shares: torch.Tensor | None,
    top_k: int,
) -> torch.Tensor:
    expert = expert_of_block.repeat_interleave(fused_moe.BLOCK)
    for row, pair in enumerate(pair_of_row.tolist()):
        if pair < out.size(0) and expert[row] >= 0:
            product = weights[expert[row]] @ x[pair // top_k]
            out[pair] = product if shares is None else product * shares[pair]
    return out


def _silu_and_mul(x: torch.Tensor) -> torch.Tensor:
    gate, up = x.chunk(2, dim=1)
    return torch.nn.functional.silu(gate) * up


def _blocks_of_experts(tokens: int, k: int, n: int, experts: int, blocks: int) -> Shapes:
    return ((tokens, k), (experts, n, k), (blocks * fused_moe.BLOCK,), (blocks,), (tokens * _TOP_K, n))


_SIZES = ((1, 1, 1, 1, 1), (37, 24, 50, 5, 3), (64, 16, 32, 2, 4), (0, 8, 5, 3, 2))
_MOE_DRAWS = (normal, normal, _pair_of_row, _expert_of_block, _zeros)
GROUPED_CASES = (
    *(
        Case(kernel.name, kernel, grouped_gemm.reference, _GROUPS, draws=(normal, normal, offsets))
        for kernel in (grouped_gemm.grouped_gemm, grouped_gemm.grouped_gemm_persistent)
    ),
    Case(
        "moe_matmul_ogs",
        moe_matmul_ogs.moe_matmul_ogs,
        moe_matmul_ogs.reference,
        tuple((x, w, x[:1], at) for x, w, at in _GROUPS),
        draws=(normal, normal, _order, offsets),
    ),
    Case("route", fused_moe.route, _route, (((1, 2),), ((13, 6),), ((37, 128),), ((0, 4),)), (_TOP_K,), draws=(_distinct,)),
    Case("rank_pairs", fused_moe.rank_pairs, _ranks, (((1,),), ((300,),), ((0,),)), (5,), draws=(_experts_of_pairs,)),
    Case(
        "expert_matmul",
        fused_moe.expert_matmul,
        _expert_matmul,
        tuple(_blocks_of_experts(*sizes) for sizes in _SIZES),
        (None, _TOP_K),
        draws=_MOE_DRAWS,
    ),
    Case(
        "expert_matmul with shares",
        fused_moe.expert_matmul,
        _expert_matmul,
        tuple((*_blocks_of_experts(*sizes), (sizes[0] * _TOP_K,)) for sizes in _SIZES),
        (_TOP_K,),
        draws=(*_MOE_DRAWS, normal_float32),
    ),
    Case("silu_and_mul", fused_moe.silu_and_mul, _silu_and_mul, (((1, 2),), ((13, 74),), ((0, 6),))),
    Case("add_pairs", fused_moe.add_pairs, lambda x: x.sum(1), (((1, 1, 1),), ((13, 3, 37),), ((0, 2, 6),))),
)
