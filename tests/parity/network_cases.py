"""Examples of the layers between matrix products: activations, dropout, lookups, rearrangements, rotations."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from examples import concatenate, embedding, geglu, low_mem_dropout, rope, segment_reduction, swiglu
from helion.reference.run import reference_function
from tests.parity.case import Case, Shape, Shapes, normal, normal_float32
from tests.parity.normalization_cases import gradients

_GATES: tuple[Shapes, ...] = (((1, 1),) * 2, ((2, 7, 53),) * 2, ((0, 5),) * 2)
_HALVES: tuple[Shapes, ...] = (((1, 2),), ((13, 74),), ((0, 10),))
_GRADS_OF_HALVES: tuple[Shapes, ...] = tuple(((m, n // 2), (m, n)) for ((m, n),) in _HALVES)
_LOOKUPS: tuple[Shapes, ...] = (((5, 1), (1, 1)), ((11, 37), (3, 5)), ((5, 3), (0, 2)))
_SEGMENTS = 7


def _geglu(gate: torch.Tensor, up: torch.Tensor) -> torch.Tensor:
    return F.gelu(gate, approximate="tanh") * up


def _tokens(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: list[torch.Tensor]) -> torch.Tensor:
    return torch.randint(5, shape, generator=generator)


def _sorted_ids(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: list[torch.Tensor]) -> torch.Tensor:
    return torch.randint(_SEGMENTS, shape, generator=generator).sort().values


def _dropout(x: torch.Tensor, p: float, seed: int) -> torch.Tensor:
    """What the forward kernel, run eagerly, keeps of ones, scaled."""
    kept = reference_function(low_mem_dropout.low_mem_dropout.fn)(torch.ones_like(x), p, seed) != 0
    return torch.where(kept, x / (1 - p), 0.0)


NETWORK_CASES = (
    Case("geglu", geglu.geglu, _geglu, _GATES),
    Case("geglu_backward", geglu.geglu_backward, gradients(_geglu), tuple((*s, s[0]) for s in _GATES)),
    Case("swiglu", swiglu.swiglu, swiglu.reference, _HALVES),
    Case("swiglu_backward", swiglu.swiglu_backward, lambda *a: gradients(swiglu.reference)(*a)[0], _GRADS_OF_HALVES),
    Case("low_mem_dropout", low_mem_dropout.low_mem_dropout, _dropout, (((1,),), ((7, 53),), ((0, 5),)), (0.25, 123)),
    Case("low_mem_dropout_backward", low_mem_dropout.low_mem_dropout_backward, _dropout, (((1,),), ((7, 53),), ((0, 5),)), (0.25, 123)),
    Case(
        "embedding",
        embedding.embedding,
        lambda tokens, table: table[tokens],
        tuple((tokens, table) for table, tokens in _LOOKUPS),
        draws=(_tokens, normal),
    ),
    Case(
        "embedding_backward",
        embedding.embedding_backward,
        embedding.reference_backward,
        tuple(((*tokens, table[1]), tokens) for table, tokens in _LOOKUPS),
        (11,),
        draws=(normal, _tokens),
    ),
    Case(
        "concatenate",
        concatenate.concatenate,
        lambda x, y: torch.cat([x, y], 1),
        (((1, 1), (1, 1)), ((13, 37), (13, 20)), ((5, 0), (5, 3)), ((0, 3), (0, 2))),
    ),
    Case(
        "segment_sum",
        segment_reduction.segment_sum,
        segment_reduction.reference,
        (((1, 1), (1,)), ((37, 5), (37,)), ((0, 5), (0,))),
        (_SEGMENTS,),
        draws=(normal, _sorted_ids),
    ),
    Case(
        "rope",
        rope.rope,
        rope.reference,
        (((1, 1, 1, 2), (1, 1), (1, 1)), ((2, 3, 13, 16), (13, 8), (13, 8)), ((2, 0, 3, 8), (3, 4), (3, 4))),
        draws=(normal, normal_float32, normal_float32),
    ),
)
