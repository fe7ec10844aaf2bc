"""Scaled dot-product attention with its gradients: full and causal, as an autograd function.

To learn: the forward kernel keeps one number a row (`logsumexp`, in base 2), from which the backward kernels compute any tile of the
weights anew. Two kernels share the gradients so that no program adds to what another wrote: rows of queries sum over keys, rows of keys
over queries. `causal` is an `hl.constexpr`: each value is a kernel of its own.
"""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check

LOG2_E = 1.4426950408889634


@helion.kernel
def attention_forward(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, causal: hl.constexpr = False) -> tuple[torch.Tensor, torch.Tensor]:
    """`softmax(q @ k.T / sqrt(d)) @ v` of `[batch, rows, d]`, and the logarithm to base 2 of each row's sum of exponentials."""
    batch, m_dim, head_dim = q.size()
    n_dim = k.size(1)
    head_dim = hl.specialize(head_dim)
    out = torch.empty_like(q)
    logsumexp = torch.empty([batch, m_dim], dtype=torch.float32, device=q.device)
    scale = head_dim**-0.5 * LOG2_E
    for tile_b, tile_m in hl.tile([batch, m_dim]):
        top = hl.full([tile_b, tile_m], float("-inf"), dtype=torch.float32)
        total = hl.zeros([tile_b, tile_m], dtype=torch.float32)
        acc = hl.zeros([tile_b, tile_m, head_dim], dtype=torch.float32)
        queries = q[tile_b, tile_m, :]
        end = min(tile_m.end, n_dim) if causal else n_dim
        for tile_n in hl.tile(end):
            scores = hl.dot(queries, k[tile_b, tile_n, :].transpose(1, 2))
            if causal:
                seen = tile_m.index[:, None] >= tile_n.index[None, :]
                scores = torch.where(seen[None, :, :], scores, float("-inf"))
            new_top = torch.maximum(top, torch.amax(scores, -1) * scale)
            weights = torch.exp2(scores * scale - new_top[:, :, None])
            shrink = torch.exp2(top - new_top)
            total = total * shrink + torch.sum(weights, -1)
            values = v[tile_b, tile_n, :]
            acc = hl.dot(weights.to(values.dtype), values, acc=acc * shrink[:, :, None])
            top = new_top
        out[tile_b, tile_m, :] = (acc / total[:, :, None]).to(out.dtype)
        logsumexp[tile_b, tile_m] = top + torch.log2(total)
    return out, logsumexp


@helion.kernel
def attention_grad_q(
    grad_out: torch.Tensor,
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    out: torch.Tensor,
    logsumexp: torch.Tensor,
    causal: hl.constexpr = False,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The gradient of `q`, and of each row the product of `out` and `grad_out`, which the gradient of `k` needs too."""
    batch, m_dim, head_dim = q.size()
    n_dim = k.size(1)
    head_dim = hl.specialize(head_dim)
    grad_q = torch.empty_like(q)
    along = torch.empty_like(logsumexp)
    scale = head_dim**-0.5
    for tile_b, tile_m in hl.tile([batch, m_dim]):
        queries = q[tile_b, tile_m, :]
        grads = grad_out[tile_b, tile_m, :]
        rows = logsumexp[tile_b, tile_m]
        shared = torch.sum(out[tile_b, tile_m, :].to(torch.float32) * grads.to(torch.float32), -1)
        along[tile_b, tile_m] = shared
        acc = hl.zeros([tile_b, tile_m, head_dim], dtype=torch.float32)
        end = min(tile_m.end, n_dim) if causal else n_dim
        for tile_n in hl.tile(end):
            keys = k[tile_b, tile_n, :]
            scores = hl.dot(queries, keys.transpose(1, 2))
            weights = torch.exp2(scores * (scale * LOG2_E) - rows[:, :, None])
            if causal:
                seen = tile_m.index[:, None] >= tile_n.index[None, :]
                weights = torch.where(seen[None, :, :], weights, 0.0)
            grad_weights = hl.dot(grads, v[tile_b, tile_n, :].transpose(1, 2))
            grad_scores = weights * (grad_weights - shared[:, :, None])
            acc = hl.dot(grad_scores.to(keys.dtype), keys, acc=acc)
        grad_q[tile_b, tile_m, :] = (acc * scale).to(grad_q.dtype)
    return grad_q, along


@helion.kernel
def attention_grad_kv(
    grad_out: torch.Tensor,
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    logsumexp: torch.Tensor,
    along: torch.Tensor,
    causal: hl.constexpr = False,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The gradients of `k` and `v`; everything is computed transposed, keys by queries."""
    batch, m_dim, head_dim = q.size()
    n_dim = k.size(1)
    head_dim = hl.specialize(head_dim)
    grad_k = torch.empty_like(k)
    grad_v = torch.empty_like(v)
    scale = head_dim**-0.5
    for tile_b, tile_n in hl.tile([batch, n_dim]):
        keys = k[tile_b, tile_n, :]
        values = v[tile_b, tile_n, :]
        acc_k = hl.zeros([tile_b, tile_n, head_dim], dtype=torch.float32)
        acc_v = hl.zeros([tile_b, tile_n, head_dim], dtype=torch.float32)
        begin = min(tile_n.begin, m_dim) if causal else 0
        for tile_m in hl.tile(begin, m_dim):
            queries = q[tile_b, tile_m, :]
            grads = grad_out[tile_b, tile_m, :]
            scores = hl.dot(keys, queries.transpose(1, 2))
            weights = torch.exp2(scores * (scale * LOG2_E) - logsumexp[tile_b, tile_m][:, None, :])
            if causal:
                seen = tile_m.index[None, :] >= tile_n.index[:, None]
                weights = torch.where(seen[None, :, :], weights, 0.0)
            acc_v = hl.dot(weights.to(grads.dtype), grads, acc=acc_v)
            grad_weights = hl.dot(values, grads.transpose(1, 2))
            grad_scores = weights * (grad_weights - along[tile_b, tile_m][:, None, :])
            acc_k = hl.dot(grad_scores.to(queries.dtype), queries, acc=acc_k)
        grad_k[tile_b, tile_n, :] = (acc_k * scale).to(grad_k.dtype)
        grad_v[tile_b, tile_n, :] = acc_v.to(grad_v.dtype)
    return grad_k, grad_v


class Attention(torch.autograd.Function):
    """Attention over the last two dimensions; leading dimensions are a batch."""

    @staticmethod
    def forward(ctx: Any, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, causal: bool) -> torch.Tensor:
        folded = [x.reshape(-1, x.size(-2), x.size(-1)) for x in (q, k, v)]
        out, logsumexp = attention_forward(folded[0], folded[1], folded[2], causal)
        ctx.save_for_backward(*folded, out, logsumexp)
        ctx.causal = causal
        ctx.shapes = q.size(), k.size(), v.size()
        return out.view(q.size())

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        q, k, v, out, logsumexp = ctx.saved_tensors
        grad_out = grad_outputs[0].reshape(out.size())
        grad_q, along = attention_grad_q(grad_out, q, k, v, out, logsumexp, ctx.causal)
        grad_k, grad_v = attention_grad_kv(grad_out, q, k, v, logsumexp, along, ctx.causal)
        grads = (grad_q, grad_k, grad_v)
        return (*(grad.view(shape) for grad, shape in zip(grads, ctx.shapes, strict=True)), None)


def with_gradients(function: Any, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, grad_out: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """What `function(q, k, v)` gives, and the gradients of its arguments."""
    inputs = [x.detach().requires_grad_() for x in (q, k, v)]
    out = function(*inputs)
    return (out.detach(), *torch.autograd.grad(out, inputs, grad_out))


def main() -> None:
    on_gpu = DEVICE.type == "cuda"
    shape, dtype = ((4, 32, 4096, 128), torch.bfloat16) if on_gpu else ((1, 2, 50, 32), torch.float32)
    args = tuple(torch.randn(shape, device=DEVICE, dtype=dtype) for _ in range(4))
    for causal in (False, True):
        check(
            f"attention with gradients{', causal' if causal else ''}",
            lambda q, k, v, grad, causal=causal: with_gradients(lambda q, k, v: Attention.apply(q, k, v, causal), q, k, v, grad),
            lambda q, k, v, grad, causal=causal: with_gradients(
                lambda q, k, v: torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal), q, k, v, grad
            ),
            args,
        )


if __name__ == "__main__":
    main()
