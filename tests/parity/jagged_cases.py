"""Examples over sequences of different lengths that lie behind one another: some of them, or all, with nothing in them."""

from __future__ import annotations

import torch

from examples import (
    jagged_dense_add,
    jagged_dense_bmm,
    jagged_hstu_attn,
    jagged_hstu_attn_2,
    jagged_layer_norm,
    jagged_mean,
    jagged_softmax,
    jagged_sum,
)
from tests.parity.case import Case, Shape, Shapes, normal

_Drawn = list[torch.Tensor]


def offsets(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    """Where sequences of the first argument begin, and its end. Where there are more than two, one of them is empty."""
    rows = drawn[0].size(0)
    cuts = torch.randint(rows + 1, [shape[0] - 2], generator=generator).sort().values
    cuts[1:2] = cuts[:1]
    return torch.cat([torch.tensor([0]), cuts, torch.tensor([rows])])


def _narrow_offsets(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return offsets(shape, generator, dtype, drawn).to(torch.int32)


def _feature_counts(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return torch.randint(drawn[0].size(1) + 1, shape, generator=generator)


_ROWS: tuple[Shapes, ...] = (((1, 1), (2,)), ((37, 13), (8,)), ((70, 20), (3,)), ((0, 5), (4,)))
_PRODUCTS: tuple[Shapes, ...] = (
    ((1, 1), (2,), (1, 1, 1), (1, 1)),
    ((37, 24), (6,), (5, 24, 20), (5, 20)),
    ((64, 16), (3,), (2, 16, 32), (2, 32)),
    ((0, 8), (4,), (3, 8, 5), (3, 5)),
)
_HEADS: tuple[Shapes, ...] = tuple(
    ((rows, *heads),) * 3 + ((cuts,),) for rows, heads, cuts in ((1, (1, 16), 2), (61, (2, 16), 7), (0, (1, 16), 3))
)

JAGGED_CASES = (
    Case(
        "jagged_dense_add",
        jagged_dense_add.jagged_dense_add,
        jagged_dense_add.reference,
        (((1,), (2,), (1, 1)), ((37,), (8,), (7, 41)), ((70,), (3,), (2, 70)), ((0,), (4,), (3, 5))),
        draws=(normal, offsets),
    ),
    Case("jagged_sum", jagged_sum.jagged_sum, jagged_sum.reference, _ROWS, draws=(normal, offsets)),
    Case(
        "jagged_mean",
        jagged_mean.jagged_mean,
        jagged_mean.reference,
        tuple((x, at, (at[0] - 1,)) for x, at in _ROWS),
        draws=(normal, offsets, _feature_counts),
    ),
    Case("jagged_softmax", jagged_softmax.jagged_softmax, jagged_softmax.reference, _ROWS, draws=(normal, offsets)),
    Case("jagged_layer_norm", jagged_layer_norm.jagged_layer_norm, jagged_layer_norm.reference, _ROWS, draws=(normal, _narrow_offsets)),
    Case("jagged_dense_bmm", jagged_dense_bmm.jagged_dense_bmm, jagged_dense_bmm.reference, _PRODUCTS, draws=(normal, offsets)),
    Case(
        "jagged_dense_bmm without bias",
        jagged_dense_bmm.jagged_dense_bmm,
        jagged_dense_bmm.reference,
        tuple(shapes[:3] for shapes in _PRODUCTS),
        (None,),
        draws=(normal, offsets),
    ),
    *(
        Case(kernel.name, kernel, jagged_hstu_attn.reference, _HEADS, (70, 0.3), draws=(normal, normal, normal, offsets))
        for kernel in (jagged_hstu_attn.jagged_hstu_attn, jagged_hstu_attn_2.jagged_hstu_attn_2)
    ),
)
