"""Every example kernel with argument shapes, and what torch gives for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F

from examples.add import add
from examples.attention import attention, causal_attention
from examples.bmm import bmm
from examples.exp import exp, exp_backward
from examples.gelu import gelu
from examples.layer_norm import layer_norm
from examples.matmul import matmul, matmul_with_epilogue
from examples.rms_norm import rms_norm
from examples.softmax import softmax, softmax_decomposed, softmax_two_pass
from examples.sum import row_sum
from examples.vector_add import vector_add
from tests.parity.attention_cases import ATTENTION_CASES
from tests.parity.case import Case, Shapes
from tests.parity.grouped_cases import GROUPED_CASES
from tests.parity.inference_cases import INFERENCE_CASES
from tests.parity.jagged_cases import JAGGED_CASES
from tests.parity.loss_cases import LOSS_CASES
from tests.parity.masked_attention_cases import MASKED_ATTENTION_CASES
from tests.parity.network_cases import NETWORK_CASES
from tests.parity.normalization_cases import NORMALIZATION_CASES
from tests.parity.product_cases import PRODUCT_CASES
from tests.parity.state_space_cases import STATE_SPACE_CASES


def _layer_norm(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, eps: float = 1e-5) -> torch.Tensor:
    return F.layer_norm(x, [x.size(-1)], weight, bias, eps)


def _rms_norm(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return F.rms_norm(x, [x.size(-1)], weight, 1e-5)


def _relu_of_scaled(alpha: float) -> Callable[..., Any]:
    return lambda acc, tile: torch.relu(acc * alpha + tile[1].index)


def _matmul_relu(x: torch.Tensor, y: torch.Tensor, epilogue: object) -> torch.Tensor:
    return torch.relu(x @ y * 0.5 + torch.arange(y.size(1), device=x.device))


def _causal(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


_ELEMENTS: tuple[Shapes, ...] = (((1, 1),), ((37, 53),), ((0, 5),), ((2, 3, 7),))
_ROWS: tuple[Shapes, ...] = (((1, 1),), ((13, 300),), ((37, 53),), ((0, 5),))
_PRODUCTS: tuple[Shapes, ...] = (((1, 1), (1, 1)), ((37, 53), (53, 29)), ((64, 32), (32, 16)), ((17, 0), (0, 5)), ((0, 8), (8, 8)))
_HEADS: tuple[Shapes, ...] = (((1, 1, 1, 16),) * 3, ((1, 2, 33, 16),) * 3, ((2, 1, 7, 32),) * 3, ((0, 2, 5, 16),) * 3)

CASES = (
    Case("vector_add", vector_add, torch.add, (((1,), (1,)), ((7,), (7,)), ((1031,), (1031,)), ((0,), (0,)))),
    Case("add", add, torch.add, (((37, 53), (53,)), ((1, 1), (5,)), ((37, 1), (1, 53)), ((0, 4), (4,)), ((2, 3, 7), (3, 1)))),
    Case("exp", exp, torch.exp, _ELEMENTS),
    Case("exp_backward", exp_backward, torch.mul, tuple(s * 2 for s in _ELEMENTS)),
    Case("gelu", gelu, F.gelu, _ELEMENTS),
    Case("row_sum", row_sum, lambda x: x.sum(-1), (*_ROWS, ((5, 0),))),
    Case("softmax", softmax, lambda x: x.softmax(1), _ROWS),
    Case("softmax_decomposed", softmax_decomposed, lambda x: x.softmax(1), _ROWS),
    Case("softmax_two_pass", softmax_two_pass, lambda x: x.softmax(1), _ROWS),
    Case("layer_norm", layer_norm, _layer_norm, tuple((s[0], s[0][1:], s[0][1:]) for s in _ROWS)),
    Case("layer_norm without bias", layer_norm, _layer_norm, tuple((s[0], s[0][1:]) for s in _ROWS), (None,)),
    Case("rms_norm", rms_norm, _rms_norm, tuple((s[0], s[0][1:]) for s in _ROWS)),
    Case("matmul", matmul, torch.matmul, _PRODUCTS),
    Case("matmul_with_epilogue", matmul_with_epilogue, _matmul_relu, _PRODUCTS, (_relu_of_scaled(0.5),)),
    Case("bmm", bmm, torch.bmm, (((1, 1, 1), (1, 1, 1)), ((3, 17, 29), (3, 29, 13)), ((2, 16, 0), (2, 0, 8)))),
    Case("attention", attention, F.scaled_dot_product_attention, (*_HEADS, ((1, 2, 5, 16), (1, 2, 37, 16), (1, 2, 37, 16)))),
    Case("causal_attention", causal_attention, _causal, _HEADS),
    *NORMALIZATION_CASES,
    *LOSS_CASES,
    *NETWORK_CASES,
    *INFERENCE_CASES,
    *ATTENTION_CASES,
    *MASKED_ATTENTION_CASES,
    *STATE_SPACE_CASES,
    *PRODUCT_CASES,
    *JAGGED_CASES,
    *GROUPED_CASES,
)
CASE_BY_NAME = {case.name: case for case in CASES}
