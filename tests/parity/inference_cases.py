"""Examples around matrix products: gates made of products, quantization, sampling, convolutions."""

from __future__ import annotations

import torch

from examples import causal_conv1d, conv2d, fp8_quantize, sampling, squeeze_and_excitation
from tests.parity.case import Case, Shape, Shapes, normal

_MATRICES: tuple[Shapes, ...] = (((1, 1),), ((13, 300),), ((0, 5),))
_GATED: tuple[Shapes, ...] = (((1, 1), (1, 1), (1, 1)), ((37, 24), (24, 8), (8, 24)), ((0, 8), (8, 4), (4, 8)))
_SEQUENCES: tuple[Shapes, ...] = (((1, 1, 1), (1, 4), (1,)), ((2, 5, 37), (5, 4), (5,)), ((0, 3, 4), (3, 2), (3,)))
_IMAGES: tuple[Shapes, ...] = (((1, 3, 3, 1), (1, 1, 3, 3)), ((2, 7, 9, 5), (6, 5, 3, 2)))
_Drawn = list[torch.Tensor]


def _small(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    """Values whose sums of products stay near 1."""
    return (torch.randn(shape, generator=generator) * 0.3).to(dtype)


def _gate(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return torch.rand(shape, generator=generator).to(dtype)


def _squeeze_excite(x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, ...]:
    squeezed = torch.relu(x @ a)
    gates = torch.sigmoid(squeezed @ b)
    return x * gates, squeezed, gates


def _grad_x(
    grad: torch.Tensor, x: torch.Tensor, a: torch.Tensor, b: torch.Tensor, squeezed: torch.Tensor, gates: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    hidden = torch.where(squeezed > 0, (grad * x * gates * (1 - gates)) @ b.T, 0.0)
    return grad * gates + hidden @ a.T, hidden


def _grad_b(grad: torch.Tensor, x: torch.Tensor, squeezed: torch.Tensor, gates: torch.Tensor) -> torch.Tensor:
    return squeezed.T @ (grad * x * gates * (1 - gates))


def _exponential(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return torch.empty(shape).exponential_(generator=generator)


def _shares(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    """Between 0.05 and 0.95: a top-p, a min-p or a temperature."""
    return torch.rand(shape, generator=generator) * 0.9 + 0.05


def _few(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return torch.rand(shape, generator=generator) * 0.1


INFERENCE_CASES = (
    Case("squeeze_excite", squeeze_and_excitation.squeeze_excite, _squeeze_excite, _GATED, draws=(normal, _small, _small)),
    Case(
        "squeeze_excite_grad_x",
        squeeze_and_excitation.squeeze_excite_grad_x,
        _grad_x,
        tuple((x, x, a, b, (x[0], a[1]), x) for x, a, b in _GATED),
        draws=(_small, _small, _small, _small, normal, _gate),
    ),
    Case(
        "squeeze_excite_grad_a",
        squeeze_and_excitation.squeeze_excite_grad_a,
        lambda x, grad: x.T @ grad,
        tuple((x, (x[0], a[1])) for x, a, _ in _GATED),
        draws=(_small, _small),
    ),
    Case(
        "squeeze_excite_grad_b",
        squeeze_and_excitation.squeeze_excite_grad_b,
        _grad_b,
        tuple((x, x, (x[0], a[1]), x) for x, a, _ in _GATED),
        draws=(_small, _small, _small, _gate),
    ),
    Case("quantize_per_token", fp8_quantize.quantize_per_token, fp8_quantize.reference_per_token, _MATRICES),
    *(
        Case(name, kernel, lambda x, rows=rows: fp8_quantize.reference(x, rows, fp8_quantize.BLOCK), _MATRICES)
        for name, kernel, rows in (
            ("quantize_per_token_group", fp8_quantize.quantize_per_token_group, 1),
            ("quantize_per_block", fp8_quantize.quantize_per_block, fp8_quantize.BLOCK),
        )
    ),
    Case(
        "sample",
        sampling.sample,
        sampling.reference,
        (((1, 1), (1, 1), (1,), (1,), (1,)), ((7, 53), (7, 53), (7,), (7,), (7,))),
        draws=(normal, _exponential, _shares, _few, _shares),
    ),
    Case("causal_conv1d", causal_conv1d.causal_conv1d, causal_conv1d.reference, _SEQUENCES),
    Case("causal_conv1d without bias", causal_conv1d.causal_conv1d, causal_conv1d.reference, tuple(s[:2] for s in _SEQUENCES), (None,)),
    Case(
        "conv2d",
        conv2d.conv2d,
        conv2d.reference,
        _IMAGES,
        (1, 1),
        draws=(normal, _small),
    ),
    Case(
        "conv2d strided",
        conv2d.conv2d,
        conv2d.reference,
        _IMAGES,
        (2, 0),
        draws=(normal, _small),
    ),
)
