"""The squeeze-and-excitation gate `x * sigmoid(relu(x @ a) @ b)`, forward and backward.

To learn: two chained matrix products in one kernel, the first's result never leaving registers, since the middle dimension is short and
taken whole (`:`); the backward pass is three kernels, each a product over the dimension that its result does not have.
"""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from helion._testing import DEVICE, run_example


@helion.kernel
def squeeze_excite(x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The gated `x`, the squeezed activations `relu(x @ a)` and the gate, for `x` `[m, n]`, `a` `[n, k]` and `b` `[k, n]`."""
    m, n = x.size()
    n2, k = a.size()
    k2, n3 = b.size()
    assert n == n2
    assert n == n3
    assert k == k2
    out = torch.empty_like(x)
    squeezed = torch.empty([m, k], dtype=x.dtype, device=x.device)
    gates = torch.empty_like(x)
    for tile_m in hl.tile(m):
        reached = hl.zeros([tile_m, k], dtype=torch.float32)
        for tile_n in hl.tile(n):
            reached = hl.dot(x[tile_m, tile_n], a[tile_n, :], acc=reached)
        hidden = torch.relu(reached).to(x.dtype)
        squeezed[tile_m, :] = hidden
        for tile_n in hl.tile(n):
            gate = torch.sigmoid(hl.dot(hidden, b[:, tile_n]))
            gates[tile_m, tile_n] = gate.to(x.dtype)
            out[tile_m, tile_n] = (x[tile_m, tile_n].to(torch.float32) * gate).to(x.dtype)
    return out, squeezed, gates


@helion.kernel
def squeeze_excite_grad_x(
    grad_out: torch.Tensor, x: torch.Tensor, a: torch.Tensor, b: torch.Tensor, squeezed: torch.Tensor, gates: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The gradients of `x` and of `x @ a`."""
    m, n = x.size()
    n2, k = a.size()
    m2, k2 = squeezed.size()
    assert n == n2
    assert m == m2
    assert k == k2
    grad_x = torch.empty_like(x)
    grad_squeezed = torch.empty([m, k], dtype=x.dtype, device=x.device)
    for tile_m in hl.tile(m):
        hidden = hl.zeros([tile_m, k], dtype=torch.float32)
        for tile_n in hl.tile(n):
            gate = gates[tile_m, tile_n].to(torch.float32)
            grad_gate = grad_out[tile_m, tile_n].to(torch.float32) * x[tile_m, tile_n].to(torch.float32) * gate * (1.0 - gate)
            hidden = hl.dot(grad_gate.to(x.dtype), b[:, tile_n].T, acc=hidden)
        hidden_grad = torch.where(squeezed[tile_m, :] > 0, hidden, 0.0).to(x.dtype)
        grad_squeezed[tile_m, :] = hidden_grad
        for tile_n in hl.tile(n):
            direct = grad_out[tile_m, tile_n].to(torch.float32) * gates[tile_m, tile_n].to(torch.float32)
            grad_x[tile_m, tile_n] = hl.dot(hidden_grad, a[tile_n, :].T, acc=direct).to(x.dtype)
    return grad_x, grad_squeezed


@helion.kernel
def squeeze_excite_grad_a(x: torch.Tensor, grad_squeezed: torch.Tensor) -> torch.Tensor:
    """The gradient of `a`: `x.T @ grad_squeezed`."""
    m, n = x.size()
    m2, k = grad_squeezed.size()
    assert m == m2
    grad_a = torch.empty([n, k], dtype=x.dtype, device=x.device)
    for tile_n, tile_k in hl.tile([n, k]):
        acc = hl.zeros([tile_n, tile_k], dtype=torch.float32)
        for tile_m in hl.tile(m):
            acc = hl.dot(x[tile_m, tile_n].T, grad_squeezed[tile_m, tile_k], acc=acc)
        grad_a[tile_n, tile_k] = acc.to(x.dtype)
    return grad_a


@helion.kernel
def squeeze_excite_grad_b(grad_out: torch.Tensor, x: torch.Tensor, squeezed: torch.Tensor, gates: torch.Tensor) -> torch.Tensor:
    """The gradient of `b`: `squeezed.T @ grad`, with the gradient before the sigmoid computed on the way."""
    m, n = x.size()
    m2, k = squeezed.size()
    assert m == m2
    grad_b = torch.empty([k, n], dtype=x.dtype, device=x.device)
    for tile_k, tile_n in hl.tile([k, n]):
        acc = hl.zeros([tile_k, tile_n], dtype=torch.float32)
        for tile_m in hl.tile(m):
            gate = gates[tile_m, tile_n].to(torch.float32)
            grad_gate = grad_out[tile_m, tile_n].to(torch.float32) * x[tile_m, tile_n].to(torch.float32) * gate * (1.0 - gate)
            acc = hl.dot(squeezed[tile_m, tile_k].T, grad_gate.to(x.dtype), acc=acc)
        grad_b[tile_k, tile_n] = acc.to(x.dtype)
    return grad_b


class SqueezeExcite(torch.autograd.Function):
    """`squeeze_excite` with its gradients."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        out, squeezed, gates = squeeze_excite(x, a, b)
        ctx.save_for_backward(x, a, b, squeezed, gates)
        return out

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        x, a, b, squeezed, gates = ctx.saved_tensors
        grad_x, grad_squeezed = squeeze_excite_grad_x(grad_outputs[0], x, a, b, squeezed, gates)
        grad_b = squeeze_excite_grad_b(grad_outputs[0], x, squeezed, gates)
        return grad_x, squeeze_excite_grad_a(x, grad_squeezed), grad_b


def reference(x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The same in torch."""
    return x * torch.sigmoid(torch.relu(x @ a) @ b)


def main() -> None:
    m, n, k = (8192, 1024, 64) if DEVICE.type == "cuda" else (37, 64, 16)
    x, a, b = (torch.randn(s, device=DEVICE) * s[0] ** -0.25 for s in ((m, n), (n, k), (k, n)))
    leaves = tuple(t.detach().requires_grad_() for t in (x, a, b))
    run_example(SqueezeExcite.apply, reference, leaves, bwd=True)


if __name__ == "__main__":
    main()
