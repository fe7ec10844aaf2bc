"""Examples that look at whole rows: sums, softmax, normalization, and their gradients."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional as F

from examples.batch_softmax import batch_softmax
from examples.layer_norm import layer_norm_backward
from examples.long_sum import long_sum, long_sum_by_hand, long_sum_looped
from examples.rms_norm import rms_norm_backward
from examples.softmax import softmax_backward
from examples.welford import welford_layer_norm
from tests.parity.case import Case, Shapes

_ROWS: tuple[Shapes, ...] = (((1, 1),), ((13, 300),), ((0, 5),))
_PAIRS: tuple[Shapes, ...] = tuple((rows, rows) for (rows,) in _ROWS)
_WEIGHTED: tuple[Shapes, ...] = tuple((rows, rows, rows[1:]) for (rows,) in _ROWS)


def gradients(function: Callable[..., torch.Tensor]) -> Callable[..., tuple[torch.Tensor, ...]]:
    """What autograd gives for every argument after the first, which is the gradient of the result."""

    def expected(grad_out: torch.Tensor, *arguments: torch.Tensor) -> tuple[torch.Tensor, ...]:
        leaves = [argument.detach().requires_grad_() for argument in arguments]
        return torch.autograd.grad(function(*leaves), leaves, grad_out)

    return expected


def _rms_norm(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return F.rms_norm(x, [x.size(-1)], weight, 1e-5)


def _layer_norm(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return F.layer_norm(x, [x.size(-1)], weight, bias)


def _layer_norm_backward(
    grad_out: torch.Tensor, x: torch.Tensor, weight: torch.Tensor, with_bias: bool
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
    grad_x, grad_weight, grad_bias = gradients(_layer_norm)(grad_out, x, weight, torch.zeros_like(weight))
    return grad_x, grad_weight, grad_bias if with_bias else None


NORMALIZATION_CASES = (
    Case("long_sum", long_sum, lambda x: x.sum(-1), (*_ROWS, ((3, 2000),), ((5, 0),))),
    Case("long_sum_looped", long_sum_looped, lambda x: x.sum(-1), (*_ROWS, ((3, 2000),), ((5, 0),))),
    Case("long_sum_by_hand", long_sum_by_hand, lambda x: x.sum(-1), (*_ROWS, ((3, 2000),), ((5, 0),))),
    Case("softmax_backward", softmax_backward, lambda grad, out: (grad - (grad * out).sum(1, keepdim=True)) * out, _PAIRS),
    Case("batch_softmax", batch_softmax, lambda x: x.softmax(-1), (((1, 1, 1),), ((3, 5, 37),), ((0, 2, 3),))),
    Case("welford_layer_norm", welford_layer_norm, _layer_norm, tuple((s[0], s[0][1:], s[0][1:]) for s in _ROWS)),
    Case("rms_norm_backward", rms_norm_backward, gradients(_rms_norm), _WEIGHTED),
    Case("layer_norm_backward", layer_norm_backward, _layer_norm_backward, _WEIGHTED, (True,)),
    Case("layer_norm_backward without bias", layer_norm_backward, _layer_norm_backward, _WEIGHTED, (False,)),
)
