"""The per-token loss of group relative policy optimization, from logits, forward and backward.

To learn: arguments that may be None remove their code; a two-dimensional tensor of flat indices gathers one logit a token; the vocabulary
is walked once for the normalizer in the forward pass and once for the gradient in the backward pass, and no probability is ever stored.
"""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from helion._testing import DEVICE, run_example


@helion.kernel
def grpo_loss(
    logits: torch.Tensor,
    tokens: torch.Tensor,
    advantages: torch.Tensor,
    old_logp: torch.Tensor | None,
    ref_logp: torch.Tensor | None,
    mask: torch.Tensor | None,
    temperature: float = 1.0,
    beta: float = 0.04,
    clip_low: float = 0.2,
    clip_high: float = 0.2,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The loss of every token, its log-probability and the normalizer of its row of logits, all float32 `[b, length]`.

    `logits` are `[b, length + 1, v]`: the row before a token predicts it, the last row predicts nothing. Without `old_logp` the policy is
    the one that sampled; without `ref_logp` there is no KL term; `mask` is 1 for tokens that count.
    """
    b, length = tokens.size()
    v = logits.size(2)
    flat = logits.reshape(-1)
    losses = torch.empty([b, length], dtype=torch.float32, device=logits.device)
    logps = torch.empty([b, length], dtype=torch.float32, device=logits.device)
    normalizers = torch.empty([b, length], dtype=torch.float32, device=logits.device)
    for tile_b, tile_t in hl.tile([b, length]):
        top = hl.full([tile_b, tile_t], float("-inf"), dtype=torch.float32)
        total = hl.zeros([tile_b, tile_t], dtype=torch.float32)
        for tile_v in hl.tile(v):
            scaled = logits[tile_b, tile_t, tile_v].to(torch.float32) / temperature
            new_top = torch.maximum(top, torch.amax(scaled, dim=-1))
            total = total * torch.exp(top - new_top) + torch.exp(scaled - new_top[:, :, None]).sum(dim=-1)
            top = new_top
        normalizer = top + torch.log(total)
        rows = tile_b.index[:, None] * (length + 1) + tile_t.index[None, :]
        picked = hl.load(flat, [rows * v + tokens[tile_b, tile_t]]).to(torch.float32) / temperature
        logp = picked - normalizer
        advantage = advantages[tile_b].to(torch.float32)[:, None]
        if old_logp is not None:
            ratio = torch.exp(logp - old_logp[tile_b, tile_t])
        else:
            ratio = torch.exp(logp - logp)
        clipped = torch.clamp(ratio, 1.0 - clip_low, 1.0 + clip_high)
        loss = -torch.minimum(ratio * advantage, clipped * advantage)
        if ref_logp is not None:
            gap = ref_logp[tile_b, tile_t] - logp
            loss = loss + beta * (torch.exp(gap) - gap - 1.0)
        if mask is not None:
            loss = loss * mask[tile_b, tile_t]
        losses[tile_b, tile_t] = loss
        logps[tile_b, tile_t] = logp
        normalizers[tile_b, tile_t] = normalizer
    return losses, logps, normalizers


@helion.kernel
def grpo_loss_backward(
    grad_losses: torch.Tensor,
    logits: torch.Tensor,
    tokens: torch.Tensor,
    advantages: torch.Tensor,
    logps: torch.Tensor,
    normalizers: torch.Tensor,
    old_logp: torch.Tensor | None,
    ref_logp: torch.Tensor | None,
    mask: torch.Tensor | None,
    temperature: float = 1.0,
    beta: float = 0.04,
    clip_low: float = 0.2,
    clip_high: float = 0.2,
) -> torch.Tensor:
    """The gradient of `logits`, from what the forward pass kept; the last row's is 0."""
    b, length = tokens.size()
    v = logits.size(2)
    grad_logits = torch.zeros_like(logits)
    for tile_b, tile_t in hl.tile([b, length]):
        logp = logps[tile_b, tile_t]
        advantage = advantages[tile_b].to(torch.float32)[:, None]
        if old_logp is not None:
            ratio = torch.exp(logp - old_logp[tile_b, tile_t])
        else:
            ratio = torch.exp(logp - logp)
        clipped = torch.clamp(ratio, 1.0 - clip_low, 1.0 + clip_high)
        grad = torch.where(ratio * advantage <= clipped * advantage, -ratio * advantage, 0.0)
        if ref_logp is not None:
            grad = grad + beta * (1.0 - torch.exp(ref_logp[tile_b, tile_t] - logp))
        if mask is not None:
            grad = grad * mask[tile_b, tile_t]
        grad = grad * grad_losses[tile_b, tile_t] / temperature
        token = tokens[tile_b, tile_t]
        normalizer = normalizers[tile_b, tile_t]
        for tile_v in hl.tile(v):
            share = torch.exp(logits[tile_b, tile_t, tile_v].to(torch.float32) / temperature - normalizer[:, :, None])
            chosen = torch.where(tile_v.index[None, None, :] == token[:, :, None], 1.0, 0.0)
            grad_logits[tile_b, tile_t, tile_v] = (grad[:, :, None] * (chosen - share)).to(logits.dtype)
    return grad_logits


class GRPOLoss(torch.autograd.Function):
    """`grpo_loss` with the gradient of the logits."""

    @staticmethod
    def forward(
        ctx: Any,
        logits: torch.Tensor,
        tokens: torch.Tensor,
        advantages: torch.Tensor,
        old_logp: torch.Tensor | None,
        ref_logp: torch.Tensor | None,
        mask: torch.Tensor | None,
    ) -> torch.Tensor:
        losses, logps, normalizers = grpo_loss(logits, tokens, advantages, old_logp, ref_logp, mask)
        ctx.save_for_backward(logits, tokens, advantages, logps, normalizers, old_logp, ref_logp, mask)
        return losses

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> tuple[torch.Tensor, None, None, None, None, None]:
        return grpo_loss_backward(grad_outputs[0], *ctx.saved_tensors), None, None, None, None, None


def reference(
    logits: torch.Tensor,
    tokens: torch.Tensor,
    advantages: torch.Tensor,
    old_logp: torch.Tensor | None,
    ref_logp: torch.Tensor | None,
    mask: torch.Tensor | None,
) -> torch.Tensor:
    """The same in torch, with its autograd."""
    logp = logits[:, :-1].log_softmax(-1).gather(-1, tokens[:, :, None])[:, :, 0]
    ratio = torch.exp(logp - (logp.detach() if old_logp is None else old_logp))
    gain = torch.minimum(ratio * advantages[:, None], ratio.clamp(0.8, 1.2) * advantages[:, None])
    loss = -gain
    if ref_logp is not None:
        gap = ref_logp - logp
        loss = loss + 0.04 * (gap.exp() - gap - 1.0)
    return loss if mask is None else loss * mask


def main() -> None:
    b, length, v = (8, 1024, 32000) if DEVICE.type == "cuda" else (2, 5, 100)
    logits = torch.randn(b, length + 1, v, device=DEVICE, requires_grad=True)
    tokens = torch.randint(v, [b, length], device=DEVICE)
    advantages = torch.randn(b, device=DEVICE)
    near = logits.detach()[:, :-1].log_softmax(-1).gather(-1, tokens[:, :, None])[:, :, 0]
    old_logp, ref_logp = (near + 0.3 * torch.randn(b, length, device=DEVICE) for _ in range(2))
    mask = (torch.rand(b, length, device=DEVICE) < 0.9).float()
    for more in ((old_logp, ref_logp, mask), (None, None, None)):
        run_example(GRPOLoss.apply, reference, (logits, tokens, advantages, *more), rtol=1e-4, atol=1e-5, bwd=True)


if __name__ == "__main__":
    main()
