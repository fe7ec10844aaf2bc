"""Mixture of experts as one product: outer gather, then scatter. Each token is multiplied by the matrix of its expert, where it stands.

To learn: a grid over experts whose inner loops run as often as the expert has tokens; rows are gathered by an index loaded from memory,
which is used again to scatter the result.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel
def moe_matmul_ogs(x: torch.Tensor, weights: torch.Tensor, tokens: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    """`out[t] = x[t] @ weights[e]` for each token t of expert e; those are `tokens[offsets[e]:offsets[e + 1]]`."""
    t, k = x.size()
    experts, k2, n = weights.size()
    assert k == k2
    assert tokens.size(0) == t
    assert offsets.size(0) == experts + 1
    out = torch.empty([t, n], dtype=torch.promote_types(x.dtype, weights.dtype), device=x.device)
    for e in hl.grid(experts):
        start = offsets[e]
        count = offsets[e + 1] - start
        if count != 0:
            for tile_t, tile_n in hl.tile([count, n]):
                place = hl.load(tokens, [start + tile_t.index], extra_mask=tile_t.index < count)
                acc = hl.zeros([tile_t, tile_n], dtype=torch.float32)
                for tile_k in hl.tile(k):
                    acc = torch.addmm(acc, x[place, tile_k], weights[e, tile_k, tile_n])
                out[place, tile_n] = acc.to(out.dtype)
    return out


def by_expert(expert_of_token: torch.Tensor, experts: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The tokens in the order of their experts, and where each expert's begin."""
    counts = torch.bincount(expert_of_token, minlength=experts)
    return expert_of_token.argsort(stable=True), torch.nn.functional.pad(counts.cumsum(0), (1, 0))


def reference(x: torch.Tensor, weights: torch.Tensor, tokens: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    """The same in torch, expert by expert."""
    out = torch.empty(x.size(0), weights.size(2), dtype=torch.promote_types(x.dtype, weights.dtype), device=x.device)
    for expert, places in enumerate(tokens.tensor_split(offsets[1:-1].long().cpu())):
        out[places] = x[places] @ weights[expert]
    return out


def main() -> None:
    t, k, n, experts = (8192, 2048, 2048, 32) if DEVICE.type == "cuda" else (50, 48, 70, 5)
    x = torch.randn(t, k, device=DEVICE, dtype=torch.bfloat16)
    weights = torch.randn(experts, k, n, device=DEVICE, dtype=torch.bfloat16)
    tokens, offsets = by_expert(torch.randint(experts, [t], device=DEVICE), experts)
    check("moe_matmul_ogs", moe_matmul_ogs, reference, (x, weights, tokens, offsets))


if __name__ == "__main__":
    main()
