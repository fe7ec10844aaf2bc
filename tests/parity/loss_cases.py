"""Examples that compare distributions over a vocabulary, and their gradients."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch.nn import functional as F

from examples import fused_linear_jsd, grpo_loss, jsd
from examples.cross_entropy import IGNORED, cross_entropy, cross_entropy_backward
from examples.kl_div import kl_div
from tests.parity.case import Case, Shape, Shapes, normal, normal_float32, places_in

_Drawn = list[torch.Tensor]
_CLASSES: tuple[Shapes, ...] = (((1, 1), (1,)), ((13, 53), (13,)), ((5, 300), (5,)))
_PAIRS: tuple[Shapes, ...] = (((1, 1),) * 2, ((13, 53),) * 2, ((5, 300),) * 2)
_HIDDEN: tuple[Shapes, ...] = (((1, 1), (1, 1), (1, 1), (1, 1)), ((7, 16), (53, 16), (7, 9), (53, 9)))


def _labels(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    """Classes of the logits before; every third label is ignored, the first never."""
    logits = next(i for i, tensor in enumerate(drawn) if tensor.dim() == 2)
    labels = places_in(logits)(shape, generator, dtype, drawn)
    labels[2::3] = IGNORED
    return labels


def _normalizers(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return drawn[1].float().logsumexp(-1)


def _log_probabilities(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return torch.randn(shape, generator=generator).log_softmax(-1).to(dtype)


def _probabilities(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return torch.randn(shape, generator=generator).softmax(-1).to(dtype)


def _cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return F.cross_entropy(logits, labels).float(), logits.logsumexp(-1).float()


def _cross_entropy_backward(grad: torch.Tensor, logits: torch.Tensor, normalizers: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    leaf = logits.detach().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(leaf, labels), leaf, grad)[0]


def _kl_div(log_input: torch.Tensor, target: torch.Tensor, reduction: str, log_target: bool) -> torch.Tensor:
    loss = F.kl_div(log_input, target, reduction=reduction, log_target=log_target)
    return loss if reduction == "none" else loss.float()


def _jsd(student: torch.Tensor, teacher: torch.Tensor, beta: float) -> tuple[torch.Tensor, torch.Tensor]:
    loss, grad = jsd.reference(student, teacher, beta)
    return loss.float(), grad


def _jsd_loss(student: torch.Tensor, teacher: torch.Tensor, beta: float) -> torch.Tensor:
    return _jsd(student, teacher, beta)[0]


def _fused_linear_jsd(*arguments: Any) -> torch.Tensor:
    return fused_linear_jsd.reference(*arguments).float()


def _token_logp(logits: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    return logits[:, :-1].log_softmax(-1).gather(-1, tokens[:, :, None])[:, :, 0]


def _near_logp(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn, *, logits: int) -> torch.Tensor:
    """Log-probabilities of a policy near the one whose logits and tokens were drawn before: some ratios are clipped."""
    return _token_logp(drawn[logits].float(), drawn[logits + 1]) + 0.3 * torch.randn(shape, generator=generator)


def _kept_logp(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return _token_logp(drawn[1].float(), drawn[2])


def _kept_normalizers(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return drawn[1][:, :-1].float().logsumexp(-1)


def _mask(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return (torch.rand(shape, generator=generator) < 0.8).float()


def _grpo_loss(logits: torch.Tensor, tokens: torch.Tensor, *more: torch.Tensor | None) -> tuple[torch.Tensor, ...]:
    loss = grpo_loss.reference(logits, tokens, *more)
    return loss.float(), _token_logp(logits, tokens).float(), logits[:, :-1].logsumexp(-1).float()


def _grpo_loss_backward(
    grad: torch.Tensor, logits: torch.Tensor, tokens: torch.Tensor, advantages: torch.Tensor, *more: Any
) -> torch.Tensor:
    leaf = logits.detach().requires_grad_()
    return torch.autograd.grad(grpo_loss.reference(leaf, tokens, advantages, *more[2:]), leaf, grad)[0]


def _grpo_shapes(b: int, length: int, v: int, *, masked: bool) -> Shapes:
    return ((b, length + 1, v), (b, length), (b,), *([(b, length)] * 3 if masked else []))


def _grpo_backward_shapes(b: int, length: int, v: int, *, masked: bool) -> Shapes:
    rows = (b, length)
    return (rows, *_grpo_shapes(b, length, v, masked=False), rows, rows, *([rows] * 3 if masked else []))


_GRPO_SIZES = ((1, 1, 1), (2, 5, 37), (0, 3, 5))
_GRPO_DRAWS = (normal, places_in(0), normal_float32, partial(_near_logp, logits=0), partial(_near_logp, logits=0), _mask)
_GRPO_BACKWARD_DRAWS = (
    *(normal_float32, normal, places_in(1), normal_float32, _kept_logp, _kept_normalizers),
    *(partial(_near_logp, logits=1), partial(_near_logp, logits=1), _mask),
)

LOSS_CASES = (
    Case("cross_entropy", cross_entropy, _cross_entropy, _CLASSES, draws=(normal, _labels)),
    Case(
        "cross_entropy_backward",
        cross_entropy_backward,
        _cross_entropy_backward,
        tuple(((), logits, labels, labels) for logits, labels in _CLASSES),
        draws=(normal_float32, normal, _normalizers, _labels),
    ),
    *(
        Case(f"kl_div {reduction}", kl_div, _kl_div, _PAIRS, (reduction, False), draws=(_log_probabilities, _probabilities))
        for reduction in ("none", "sum", "batchmean", "mean")
    ),
    Case("kl_div log_target", kl_div, _kl_div, _PAIRS, ("batchmean", True), draws=(_log_probabilities, _log_probabilities)),
    *(Case(f"jsd {beta}", jsd.jsd, _jsd, _PAIRS, (beta,), draws=(_log_probabilities, _log_probabilities)) for beta in (0.0, 0.1, 1.0)),
    Case("jsd_loss", jsd.jsd_loss, _jsd_loss, _PAIRS, (0.3,), draws=(_log_probabilities, _log_probabilities)),
    Case("fused_linear_jsd", fused_linear_jsd.fused_linear_jsd, _fused_linear_jsd, _HIDDEN, (0.3, 2.0)),
    Case("grpo_loss", grpo_loss.grpo_loss, _grpo_loss, tuple(_grpo_shapes(*s, masked=True) for s in _GRPO_SIZES), draws=_GRPO_DRAWS),
    Case(
        "grpo_loss alone",
        grpo_loss.grpo_loss,
        _grpo_loss,
        tuple(_grpo_shapes(*s, masked=False) for s in _GRPO_SIZES),
        (None, None, None),
        draws=_GRPO_DRAWS,
    ),
    Case(
        "grpo_loss_backward",
        grpo_loss.grpo_loss_backward,
        _grpo_loss_backward,
        tuple(_grpo_backward_shapes(*s, masked=True) for s in _GRPO_SIZES),
        draws=_GRPO_BACKWARD_DRAWS,
    ),
    Case(
        "grpo_loss_backward alone",
        grpo_loss.grpo_loss_backward,
        _grpo_loss_backward,
        tuple(_grpo_backward_shapes(*s, masked=False) for s in _GRPO_SIZES),
        (None, None, None),
        draws=_GRPO_BACKWARD_DRAWS,
    ),
)
