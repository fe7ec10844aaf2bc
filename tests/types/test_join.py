"""What two values are where control flow meets."""

from __future__ import annotations

from dataclasses import replace

import torch

from helion.types.dims import DimFacts, dim, size_symbol
from helion.types.join import join
from helion.types.types import NumberType, Region, SequenceType, TensorType, UnknownType

M, N = size_symbol("m"), size_symbol("n")


def tensor(*shape: object, dtype: torch.dtype | None = torch.float32) -> TensorType:
    return TensorType(tuple(shape), dtype, Region.DEVICE)  # type: ignore[arg-type]


def test_an_unknown_dtype_wins() -> None:
    assert str(join(tensor(M), tensor(M, dtype=None), DimFacts())) == "?[m]"


def test_tensors_that_cannot_be_one() -> None:
    assert join(tensor(M), tensor(M, dtype=torch.float16), DimFacts()) is None
    assert join(tensor(M), tensor(M, N), DimFacts()) is None
    assert join(tensor(dim(3)), tensor(dim(4)), DimFacts()) is None
    assert join(tensor(M), NumberType(int), DimFacts()) is None


def test_a_device_name_has_one_size_under_two_names() -> None:
    facts = DimFacts()
    assert str(join(tensor(M), tensor(N), facts)) == "f32[m]"
    assert facts.known_equal(M, N)


def test_nothing_is_assumed_of_tensors_that_cannot_be_one() -> None:
    facts = DimFacts()
    assert join(tensor(M, dim(3)), tensor(N, dim(4)), facts) is None
    assert not facts.known_equal(M, N)
    assert join(replace(tensor(M), region=Region.HOST), replace(tensor(N), region=Region.HOST), facts) is None


def test_numbers_lose_their_value() -> None:
    assert join(NumberType(int, dim(1)), NumberType(int, dim(2)), DimFacts()) == NumberType(int, None, Region.DEVICE)


def test_sequences_join_item_by_item() -> None:
    left, right = SequenceType((tensor(M), NumberType(int, dim(1)))), SequenceType((tensor(M), NumberType(int, dim(2))))
    assert str(join(left, right, DimFacts())) == "(f32[m], int)"


def test_unknown_is_silent() -> None:
    assert isinstance(join(UnknownType(), tensor(M), DimFacts()), UnknownType)
