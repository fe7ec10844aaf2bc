"""Distillation loss from hidden states: two projections to the vocabulary, then the Jensen-Shannon divergence of their distributions.

To learn: host code may call torch for what torch does best (the products go to its matrix library) in the kernel that uses the result;
whole rows (`:`) and their softmax at a temperature, without a walk written out.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel(ignore_warnings=[helion.exc.TensorOperationInWrapper])
def fused_linear_jsd(
    student_hidden: torch.Tensor,
    student_weight: torch.Tensor,
    teacher_hidden: torch.Tensor,
    teacher_weight: torch.Tensor,
    beta: float = 0.5,
    temperature: float = 1.0,
) -> torch.Tensor:
    """The mean over tokens of `beta * KL(teacher || mix) + (1 - beta) * KL(student || mix)`, in float32; `beta` strictly between 0 and 1.

    The distributions are `softmax(hidden @ weight.T / temperature)`; student and teacher may have hidden states of different lengths.
    """
    n, student_length = student_hidden.size()
    m, teacher_length = teacher_hidden.size()
    v, student_columns = student_weight.size()
    w, teacher_columns = teacher_weight.size()
    assert n == m
    assert v == w
    assert student_length == student_columns
    assert teacher_length == teacher_columns
    student_logits = student_hidden @ student_weight.T
    teacher_logits = teacher_hidden @ teacher_weight.T
    losses = torch.empty([n], dtype=torch.float32, device=student_hidden.device)
    for tile_n in hl.tile(n):
        log_q = torch.log_softmax(student_logits[tile_n, :].to(torch.float32) / temperature, dim=-1)
        log_p = torch.log_softmax(teacher_logits[tile_n, :].to(torch.float32) / temperature, dim=-1)
        q = torch.exp(log_q)
        p = torch.exp(log_p)
        log_mix = torch.log(beta * p + (1.0 - beta) * q)
        losses[tile_n] = (beta * p * (log_p - log_mix) + (1.0 - beta) * q * (log_q - log_mix)).sum(dim=-1)
    return losses.mean()


def reference(
    student_hidden: torch.Tensor,
    student_weight: torch.Tensor,
    teacher_hidden: torch.Tensor,
    teacher_weight: torch.Tensor,
    beta: float = 0.5,
    temperature: float = 1.0,
) -> torch.Tensor:
    """The same in torch."""
    log_q = torch.log_softmax((student_hidden @ student_weight.T).float() / temperature, dim=-1)
    log_p = torch.log_softmax((teacher_hidden @ teacher_weight.T).float() / temperature, dim=-1)
    log_mix = torch.log(beta * log_p.exp() + (1.0 - beta) * log_q.exp())
    each = beta * log_p.exp() * (log_p - log_mix) + (1.0 - beta) * log_q.exp() * (log_q - log_mix)
    return each.sum(dim=-1).mean()


def main() -> None:
    n, h, v = (2048, 4096, 128256) if DEVICE.type == "cuda" else (7, 64, 300)
    dtype = torch.bfloat16 if DEVICE.type == "cuda" else torch.float32
    hidden = [torch.randn(n, h, device=DEVICE, dtype=dtype) for _ in range(2)]
    weights = [torch.randn(v, h, device=DEVICE, dtype=dtype) * h**-0.5 for _ in range(2)]
    check("fused_linear_jsd", fused_linear_jsd, reference, (hidden[0], weights[0], hidden[1], weights[1], 0.3, 2.0))


if __name__ == "__main__":
    main()
