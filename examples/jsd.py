"""Generalized Jensen-Shannon divergence between a student's and a teacher's distributions, with the student's gradient in the same walk.

To learn: a `hl.constexpr` number chooses one of three formulas when the kernel is compiled; loss and gradient share every load, which is
what bounds the time of such kernels.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check


@helion.kernel(ignore_warnings=[helion.exc.TensorOperationInWrapper])
def jsd(student: torch.Tensor, teacher: torch.Tensor, beta: hl.constexpr = 0.5) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean over rows of `beta * KL(teacher || mix) + (1 - beta) * KL(student || mix)`, in float32, and its gradient for `student`.

    Both arguments hold logarithms of probabilities; `mix` is `beta * teacher + (1 - beta) * student` of the probabilities. At 0 the
    divergence is KL(teacher || student), at 1 KL(student || teacher).
    """
    n, v = student.size()
    assert teacher.size(0) == n
    assert teacher.size(1) == v
    block_v = hl.register_block_size(v)
    sums = torch.empty([n], dtype=torch.float32, device=student.device)
    grad_student = torch.empty_like(student)
    for tile_n in hl.tile(n):
        partial = hl.zeros([tile_n, block_v], dtype=torch.float32)
        for tile_v in hl.tile(v, block_size=block_v):
            log_q = student[tile_n, tile_v].to(torch.float32)
            log_p = teacher[tile_n, tile_v].to(torch.float32)
            q = torch.exp(log_q)
            p = torch.exp(log_p)
            if beta == 0.0:
                partial += p * (log_p - log_q)
                grad = -p
            elif beta == 1.0:
                partial += q * (log_q - log_p)
                grad = q * (log_q - log_p + 1.0)
            else:
                log_mix = torch.log(beta * p + (1.0 - beta) * q)
                partial += beta * p * (log_p - log_mix) + (1.0 - beta) * q * (log_q - log_mix)
                grad = (1.0 - beta) * q * (log_q - log_mix)
            grad_student[tile_n, tile_v] = (grad / n).to(student.dtype)
        sums[tile_n] = partial.sum(dim=-1)
    return sums.sum() / n, grad_student


@helion.kernel(ignore_warnings=[helion.exc.TensorOperationInWrapper])
def jsd_loss(student: torch.Tensor, teacher: torch.Tensor, beta: float = 0.5) -> torch.Tensor:
    """The divergence alone, where no student is trained: the gradient is a third of what is moved. `beta` strictly between 0 and 1."""
    n, v = student.size()
    assert teacher.size(0) == n
    assert teacher.size(1) == v
    block_v = hl.register_block_size(v)
    sums = torch.empty([n], dtype=torch.float32, device=student.device)
    for tile_n in hl.tile(n):
        partial = hl.zeros([tile_n, block_v], dtype=torch.float32)
        for tile_v in hl.tile(v, block_size=block_v):
            log_q = student[tile_n, tile_v].to(torch.float32)
            log_p = teacher[tile_n, tile_v].to(torch.float32)
            q = torch.exp(log_q)
            p = torch.exp(log_p)
            log_mix = torch.log(beta * p + (1.0 - beta) * q)
            partial += beta * p * (log_p - log_mix) + (1.0 - beta) * q * (log_q - log_mix)
        sums[tile_n] = partial.sum(dim=-1)
    return sums.sum() / n


def reference(student: torch.Tensor, teacher: torch.Tensor, beta: float) -> tuple[torch.Tensor, torch.Tensor]:
    """The same by torch's `kl_div` and autograd."""
    leaf = student.detach().requires_grad_()
    q, p = leaf.exp(), teacher.exp()
    if beta == 0.0:
        each = p * (teacher - leaf)
    elif beta == 1.0:
        each = q * (leaf - teacher)
    else:
        log_mix = torch.log(beta * p + (1.0 - beta) * q)
        each = beta * p * (teacher - log_mix) + (1.0 - beta) * q * (leaf - log_mix)
    loss = each.sum() / student.size(0)
    return loss.detach(), torch.autograd.grad(loss, leaf)[0]


def main() -> None:
    n, v = (4096, 128256) if DEVICE.type == "cuda" else (37, 300)
    student, teacher = (torch.randn(n, v, device=DEVICE).log_softmax(-1) for _ in range(2))
    for beta in (0.0, 0.1, 0.5, 1.0):
        check(f"jsd, beta {beta}", jsd, reference, (student, teacher, beta))


if __name__ == "__main__":
    main()
