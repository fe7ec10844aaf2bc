"""Torch's own answer for a call on named sizes, and the honest admission that there is none."""

from __future__ import annotations

import operator
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helion.types.dims import Dim, block_symbol, ceil_div, dim, size_symbol
from helion.types.meta import ask_torch
from helion.types.probes import Probes, decoded, two_probes
from helion.types.refusals import Refusal
from helion.types.types import NumberType, Region, SequenceType, Star, TensorType, Type, UnknownType

M, K, N = size_symbol("m"), size_symbol("k"), size_symbol("n")
B = block_symbol("tile")


def tensor(*shape: Dim | Star | int, dtype: torch.dtype | None = torch.float32) -> TensorType:
    return TensorType(tuple(dim(d) if isinstance(d, int) else d for d in shape), dtype, Region.HOST)


def number(value: Dim | int) -> NumberType:
    return NumberType(int, dim(value) if isinstance(value, int) else value)


def ask(function: Any, *args: Type, **kwargs: Type) -> Type | Refusal:
    return ask_torch(function, args, kwargs, Region.HOST)


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        (torch.sum, (tensor(M, K), number(1)), "f32[m]"),
        (torch.matmul, (tensor(M, K), tensor(K, N)), "f32[m, n]"),
        (torch.Tensor.view, (tensor(M, 4 * K), number(M), number(K), number(4)), "f32[m, k, 4]"),
        (torch.Tensor.reshape, (tensor(M, K), number(-1)), "f32[k*m]"),
        (torch.flatten, (tensor(2, M, K),), "f32[2*k*m]"),
        (torch.unsqueeze, (tensor(B), number(0)), "f32[1, tile]"),
        (torch.cat, (SequenceType((tensor(M, K), tensor(M, K))), number(1)), "f32[m, 2*k]"),
        (torch.cat, (SequenceType((tensor(M, K), tensor(N, K))),), "f32[m + n, k]"),
        (torch.nn.functional.gelu, (tensor(Star("x")),), "f32[*x]"),
        (torch.unsqueeze, (tensor(Star("x")), number(0)), "f32[1, *x]"),
        (operator.gt, (tensor(M, dtype=None), number(0)), "bool[m]"),
        (torch.Tensor.float, (tensor(M, dtype=None),), "f32[m]"),
        (torch.exp, (tensor(M, dtype=None),), "?[m]"),
        (operator.add, (tensor(M, dtype=torch.bfloat16), tensor(M, dtype=None)), "?[m]"),
        (operator.and_, (tensor(M, dtype=None), number(1)), "?[m]"),
        (torch.argmax, (tensor(M, K, dtype=None), number(1)), "i64[m]"),
        (torch.topk, (tensor(M, K), number(N), number(1)), "topk(values=f32[m, n], indices=i64[m, n])"),
        (torch.narrow, (tensor(M, K), number(1), number(0), number(N)), "f32[m, n]"),
    ],
)
def test_answers(function: Any, args: tuple[Type, ...], expected: str) -> None:
    assert str(ask(function, *args)) == expected


def test_strides_of_a_transposed_tensor() -> None:
    found = ask(torch.t, TensorType((M, K), torch.float32, Region.HOST, (K, dim(1))))
    assert isinstance(found, TensorType)
    assert found.stride == (dim(1), K)


def test_strides_of_what_is_made_like_a_tensor_that_is_not_contiguous() -> None:
    """Torch lays it out in the order of the tensor's own strides, which is not known here."""
    a, b = size_symbol("a"), size_symbol("b")
    for strides in ((a, b), (dim(1), a), (a, dim(1))):
        answer = ask(torch.empty_like, TensorType((M, N), torch.float32, Region.HOST, strides))
        assert isinstance(answer, TensorType)
        assert answer.shape == (M, N)
        assert answer.stride == ((N, 1) if strides[1] == 1 else None)
    answer = ask(torch.Tensor.t, TensorType((M, N), torch.float32, Region.HOST, (a, b)))
    assert isinstance(answer, TensorType)
    assert answer.stride == (b, a)


def test_a_quotient_of_the_call_is_found_again() -> None:
    quotient = (M * K) // (N * 32)
    found = ask(torch.transpose, tensor(quotient, N, 32), number(1), number(2))
    assert isinstance(found, TensorType)
    assert found.dims == (quotient, 32, N)


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (torch.split, (tensor(M, K), number(16))),
        (torch.sum, (tensor(Star("x")), number(1))),
        (torch.linalg.eig, (tensor(M, K),)),
    ],
)
def test_no_answer_is_unknown(function: Any, args: tuple[Type, ...]) -> None:
    found = ask(function, *args)
    assert isinstance(found, UnknownType) or (isinstance(found, Refusal) and not found.certain)


def test_a_refusal_is_certain_only_when_all_sizes_are_known() -> None:
    certain = ask(operator.add, tensor(3), tensor(4))
    assert isinstance(certain, Refusal)
    assert certain.certain
    uncertain = ask(operator.add, tensor(M), tensor(K))
    assert isinstance(uncertain, Refusal)
    assert not uncertain.certain


def test_a_refusal_speaks_of_names() -> None:
    found = ask(operator.add, tensor(M), tensor(K))
    assert isinstance(found, Refusal)
    assert "length k" in found.words
    assert "[m]" in found.words


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([M, K, N, B]), max_size=3), st.integers(1, 40), st.integers(0, 2))
def test_products_come_back(symbols: list[Any], factor: int, offset: int) -> None:
    """What a size is made of is found again from its two numbers."""
    size: Dim = dim(factor)
    for symbol in symbols:
        size = size * symbol
    size = size + offset if symbols else size
    first, second = two_probes([M, K, N, B, dim(factor)])
    assert decoded((first, second), first.number(size), second.number(size)) == size


def test_quotients_of_other_sizes_that_happen_to_be_the_same_number_are_not_taken_for_each_other() -> None:
    rows, columns = ((size - 2) // B + 1 for size in (M, N))
    first, second = (Probes(((M, 16 * p), (N, 16 * p + 16), (B, 256)), (rows, columns)) for p in (53, 307))
    assert first.number(rows) == first.number(columns)
    assert second.number(rows) == second.number(columns)
    assert decoded((first, second), first.number(rows), second.number(rows)) is None


def test_a_quotient_that_both_probes_make_one_number_is_no_constant() -> None:
    tiles, other = ceil_div(dim(70), B), (M - 2) // B + 1
    first, second = two_probes([B, tiles, other])
    assert first.number(tiles) != second.number(tiles)
    assert decoded((first, second), first.number(tiles), second.number(tiles)) == tiles
    assert decoded((first, second), first.number(tiles * 4), second.number(tiles * 4)) == tiles * 4
    assert decoded((first, second), first.number(other), second.number(other)) == other
    assert decoded((first, second), 1, 1) == 1


def test_the_halves_of_a_size_are_one_half() -> None:
    low, high = M // 2, M - M // 2
    first, second = two_probes([low, high])
    assert decoded((first, second), first.number(low), second.number(high)) == low


@pytest.mark.parametrize("rank", [4, 5, 6, 8])
def test_tensors_of_many_sizes_are_described(rank: int) -> None:
    """The product of the numbers that stand for sizes is a number of 64 bits."""
    sizes = tuple(size_symbol(f"size_{i}") for i in range(rank))
    empty = ask(torch.empty, SequenceType(tuple(number(size) for size in sizes), list))
    assert isinstance(empty, TensorType)
    assert empty.shape == sizes
    transposed = ask(torch.transpose, empty, number(0), number(-1))
    assert isinstance(transposed, TensorType)
    assert transposed.shape == (sizes[-1], *sizes[1:-1], sizes[0])


@pytest.mark.parametrize("turned", [False, True])
def test_a_difference_of_sizes_is_a_size_whichever_comes_first(turned: bool) -> None:
    length, taps = size_symbol("length"), size_symbol("taps")
    valid = taps - length + 1 if turned else length - taps + 1
    sizes = SequenceType((number(size_symbol("n")), number(valid)), list)
    assert str(ask(torch.empty, sizes)) == str(tensor(size_symbol("n"), valid))
