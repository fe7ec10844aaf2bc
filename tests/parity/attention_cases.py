"""Examples of attention: with gradients, of 8-bit floats, packed sequences."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from examples import attention_backward, blackwell_attention, fp8_attention, varlen_attention, xsa
from tests.parity.case import Case, Draw, Shape, Shapes, normal

_Drawn = list[torch.Tensor]
_SQUARE: tuple[Shapes, ...] = (((1, 1, 16),) * 3, ((2, 33, 16),) * 3)
_ROWS: tuple[Shapes, ...] = (*_SQUARE, ((2, 5, 16), (2, 37, 16), (2, 37, 16)), ((1, 37, 16), (1, 5, 16), (1, 5, 16)))
# Whole tiles: there a causal walk needs no mask.
_WHOLE: tuple[Shapes, ...] = (_SQUARE[0], ((1, 128, 16),) * 3, *_ROWS[1:])


def _weights(q: torch.Tensor, k: torch.Tensor, causal: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """The softmax, and the logarithm to base 2 of its denominators."""
    scores = q @ k.transpose(1, 2) * q.size(-1) ** -0.5
    if causal:
        scores = scores.masked_fill(torch.ones_like(scores).triu(1) > 0, float("-inf"))
    return scores.softmax(-1), scores.logsumexp(-1) * attention_backward.LOG2_E


def _forward(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, causal: bool) -> tuple[torch.Tensor, torch.Tensor]:
    weights, logsumexp = _weights(q, k, causal)
    return weights @ v, logsumexp.to(torch.float32)


def _without_mask(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return _forward(q, k, v, causal=False)


def _grads(grad: torch.Tensor, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, causal: bool) -> tuple[torch.Tensor, ...]:
    inputs = [x.detach().requires_grad_() for x in (q, k, v)]
    return torch.autograd.grad(F.scaled_dot_product_attention(*inputs, is_causal=causal), inputs, grad)


def _grad_q(
    grad: torch.Tensor, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, out: torch.Tensor, logsumexp: torch.Tensor, causal: bool
) -> tuple[torch.Tensor, ...]:
    return _grads(grad, q, k, v, causal)[0], (grad * out).sum(-1).to(torch.float32)


def _grad_kv(
    grad: torch.Tensor, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, logsumexp: torch.Tensor, along: torch.Tensor, causal: bool
) -> tuple[torch.Tensor, ...]:
    return _grads(grad, q, k, v, causal)[1:]


def _of_forward(result: int, *, causal: bool) -> Draw:
    """Draws what the forward kernel gives for `q`, `k` and `v`, drawn second to fourth."""

    def draw(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
        found = _forward(*(x.double() for x in drawn[1:4]), causal)[result]
        return found.to(torch.float32 if result else dtype)

    return draw


def _along(*, causal: bool) -> Draw:
    def draw(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
        return (drawn[0].double() * _forward(*(x.double() for x in drawn[1:4]), causal)[0]).sum(-1).to(torch.float32)

    return draw


def _attention_with_gradients(name: str, *, causal: bool) -> tuple[Case, ...]:
    shapes = _WHOLE if causal else _ROWS
    out_draws = (normal, normal, normal, normal, _of_forward(0, causal=causal), _of_forward(1, causal=causal))
    return (
        Case(f"attention_forward{name}", attention_backward.attention_forward, _forward, shapes, (causal,)),
        Case(
            f"attention_grad_q{name}",
            attention_backward.attention_grad_q,
            _grad_q,
            tuple((q, q, k, v, q, q[:2]) for q, k, v in shapes),
            (causal,),
            draws=out_draws,
        ),
        Case(
            f"attention_grad_kv{name}",
            attention_backward.attention_grad_kv,
            _grad_kv,
            tuple((q, q, k, v, q[:2], q[:2]) for q, k, v in shapes),
            (causal,),
            draws=(normal, normal, normal, normal, _of_forward(1, causal=causal), _along(causal=causal)),
        ),
    )


def _float8(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return torch.randn(shape, generator=generator).to(torch.float8_e4m3fn)


def _fp8_reference(q: torch.Tensor, k: torch.Tensor, v_by_columns: torch.Tensor) -> torch.Tensor:
    return F.scaled_dot_product_attention(q, k, v_by_columns.transpose(1, 2))


def _offsets(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    """Where sequences begin and end in the rows drawn before: of random lengths, one of them empty."""
    rows = drawn[0].size(0)
    inner = torch.randint(rows + 1, (shape[0] - 2,), generator=generator).sort().values
    return torch.tensor([0, *inner.tolist(), rows]).to(torch.int32)


_PACKED: tuple[Shapes, ...] = (
    ((1, 1, 16), (1, 1, 16), (1, 1, 16), (2,)),
    ((61, 4, 16), (61, 2, 16), (61, 2, 16), (6,)),
    ((0, 2, 16), (0, 1, 16), (0, 1, 16), (3,)),
)
_SELF: tuple[Shapes, ...] = (((1, 1, 1, 16),) * 3, ((2, 2, 33, 16),) * 3, ((1, 2, 64, 16),) * 3)


ATTENTION_CASES = (
    *_attention_with_gradients("", causal=False),
    *_attention_with_gradients(" causal", causal=True),
    Case(
        "fp8_attention",
        fp8_attention.fp8_attention,
        _fp8_reference,
        (((1, 1, 16), (1, 1, 16), (1, 16, 1)), ((2, 33, 32), (2, 64, 32), (2, 32, 64)), ((1, 64, 32), (1, 37, 32), (1, 32, 37))),
        draws=(_float8, _float8, _float8),
        dtypes=(torch.bfloat16,),
    ),
    *(
        Case(
            f"varlen_attention{' causal' if causal else ''}",
            varlen_attention.varlen_attention,
            varlen_attention.reference,
            _PACKED,
            (61, causal),
            draws=(normal, normal, normal, _offsets),
        )
        for causal in (False, True)
    ),
    Case("xsa", xsa.xsa, xsa.reference, _SELF),
    Case("blackwell_attention", blackwell_attention.blackwell_attention, _without_mask, _ROWS[:3], dtypes=(torch.float32,)),
)
