"""Examples over sequences of different lengths that lie behind one another: some of them, or all, with nothing in them."""

from __future__ import annotations

import torch

from examples import jagged_dense_add, jagged_layer_norm, jagged_mean, jagged_softmax, jagged_sum
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
)
