"""Cross-entropy of logits and class labels, forward and backward, with labels to be ignored.

To learn: `hl.load` takes one element of each row by its flat index, masked where the label is ignored; what the backward pass needs (the
log-sum-exp of each row) is kept, so that it is elementwise; a 0-d tensor is read as `scale[()]`.
"""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from helion._testing import DEVICE, run_example

IGNORED = -100


@helion.kernel(ignore_warnings=[helion.exc.TensorOperationInWrapper])
def cross_entropy(logits: torch.Tensor, labels: torch.Tensor, ignore_index: int = IGNORED) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean loss over the rows whose label is not ignored, in float32, and the log-sum-exp of each row."""
    n, v = logits.size()
    assert labels.size(0) == n
    flat = logits.reshape(-1)
    losses = torch.empty([n], dtype=torch.float32, device=logits.device)
    normalizers = torch.empty([n], dtype=torch.float32, device=logits.device)
    for tile_n in hl.tile(n):
        label = labels[tile_n]
        kept = label != ignore_index
        picked = hl.load(flat, [tile_n.index * v + label], extra_mask=kept).to(torch.float32)
        rows = logits[tile_n, :].to(torch.float32)
        top = torch.amax(rows, dim=-1)
        normalizer = top + torch.log(torch.exp(rows - top[:, None]).sum(dim=-1))
        losses[tile_n] = torch.where(kept, normalizer - picked, 0.0)
        normalizers[tile_n] = normalizer
    return losses.sum() / (labels != ignore_index).sum(), normalizers


@helion.kernel(ignore_warnings=[helion.exc.TensorOperationInWrapper])
def cross_entropy_backward(
    grad_loss: torch.Tensor, logits: torch.Tensor, normalizers: torch.Tensor, labels: torch.Tensor, ignore_index: int = IGNORED
) -> torch.Tensor:
    """The gradient of `logits`: softmax less one at the label, over the number of rows that count."""
    n, v = logits.size()
    assert labels.size(0) == n
    assert normalizers.size(0) == n
    grad_logits = torch.empty_like(logits)
    scale = grad_loss / (labels != ignore_index).sum()
    for tile_n, tile_v in hl.tile([n, v]):
        label = labels[tile_n]
        share = torch.exp(logits[tile_n, tile_v].to(torch.float32) - normalizers[tile_n][:, None])
        wanted = torch.where(tile_v.index[None, :] == label[:, None], 1.0, 0.0)
        grad = torch.where((label != ignore_index)[:, None], (share - wanted) * scale[()], 0.0)
        grad_logits[tile_n, tile_v] = grad.to(logits.dtype)
    return grad_logits


class CrossEntropy(torch.autograd.Function):
    """`cross_entropy` with its gradient."""

    @staticmethod
    def forward(ctx: Any, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        loss, normalizers = cross_entropy(logits, labels)
        ctx.save_for_backward(logits, normalizers, labels)
        return loss

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> tuple[torch.Tensor, None]:
        logits, normalizers, labels = ctx.saved_tensors
        return cross_entropy_backward(grad_outputs[0], logits, normalizers, labels), None


def main() -> None:
    n, v = (4096, 128256) if DEVICE.type == "cuda" else (37, 300)
    logits = torch.randn(n, v, device=DEVICE, requires_grad=True)
    labels = torch.randint(v, [n], device=DEVICE)
    labels[::5] = IGNORED
    run_example(CrossEntropy.apply, torch.nn.functional.cross_entropy, (logits, labels), rtol=1e-4, atol=1e-5, bwd=True)


if __name__ == "__main__":
    main()
