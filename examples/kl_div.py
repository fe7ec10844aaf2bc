"""Kullback-Leibler divergence of distributions over a vocabulary, with torch's reductions.

To learn: a string argument and a `hl.constexpr` each give kernels of their own, in which only the branch taken exists; the sum over the
vocabulary is kept as a two-dimensional block and reduced once, after the loop.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel(ignore_warnings=[helion.exc.TensorOperationInWrapper])
def kl_div(
    log_input: torch.Tensor, target: torch.Tensor, reduction: str = "batchmean", log_target: hl.constexpr = False, eps: float = 1e-10
) -> torch.Tensor:
    """`target * (log(target) - log_input)`: each ("none"), their sum ("sum"), its mean over rows ("batchmean") or elements ("mean").

    `log_input` holds logarithms of probabilities, `target` probabilities or, with `log_target`, their logarithms. "none" gives
    `log_input`'s dtype, the others float32. Probabilities count as at least `eps` where their logarithm is taken.
    """
    n, v = log_input.size()
    assert target.size(0) == n
    assert target.size(1) == v
    block_v = hl.register_block_size(v)
    if reduction == "none":
        each = torch.empty_like(log_input)
    sums = torch.empty([n], dtype=torch.float32, device=log_input.device)
    for tile_n in hl.tile(n):
        partial = hl.zeros([tile_n, block_v], dtype=torch.float32)
        for tile_v in hl.tile(v, block_size=block_v):
            log_q = log_input[tile_n, tile_v].to(torch.float32)
            p = target[tile_n, tile_v].to(torch.float32)
            if log_target:
                loss = torch.exp(p) * (p - log_q)
            else:
                loss = p * (torch.log(torch.clamp(p, min=eps)) - log_q)
            if reduction == "none":
                each[tile_n, tile_v] = loss.to(log_input.dtype)
            else:
                partial += loss
        if reduction != "none":
            sums[tile_n] = partial.sum(dim=-1)
    if reduction == "none":
        return each
    if reduction == "batchmean":
        return sums.sum() / n
    if reduction == "mean":
        return sums.sum() / (n * v)
    return sums.sum()


def main() -> None:
    n, v = (4096, 128256) if DEVICE.type == "cuda" else (37, 300)
    log_input = torch.randn(n, v, device=DEVICE).log_softmax(-1)
    target = torch.randn(n, v, device=DEVICE).softmax(-1)
    for reduction in ("none", "sum", "batchmean", "mean"):
        check(
            f"kl_div, {reduction}",
            kl_div,
            lambda q, p, reduction: torch.nn.functional.kl_div(q, p, reduction=reduction),
            (log_input, target, reduction),
        )
    check(
        "kl_div, log_target",
        lambda q, p: kl_div(q, p, "batchmean", True),
        lambda q, p: torch.nn.functional.kl_div(q, p, reduction="batchmean", log_target=True),
        (log_input, target.log()),
    )


if __name__ == "__main__":
    main()
