"""Sizes that only running tells are told apart from those of the call, whatever numbers the call's are."""

from __future__ import annotations

import operator
from typing import Any

import pytest
import torch

from helion.types.dims import Dim, call_symbol, dim, size_symbol
from helion.types.meta import ask_torch
from helion.types.refusals import Refusal
from helion.types.types import ConstantType, NumberType, Region, SequenceType, SliceType, TensorType, Type

M, K = size_symbol("m"), size_symbol("k")
FIRST = call_symbol(0)
ALL = SliceType(ConstantType(None), ConstantType(None), ConstantType(None))


def tensor(*shape: Dim | int, dtype: torch.dtype = torch.float32) -> TensorType:
    return TensorType(tuple(dim(d) if isinstance(d, int) else d for d in shape), dtype, Region.HOST)


def mask(*shape: Dim | int) -> TensorType:
    return tensor(*shape, dtype=torch.bool)


def ints(*shape: Dim | int) -> TensorType:
    return tensor(*shape, dtype=torch.int64)


def shapes(function: Any, *args: Type, **kwargs: Type) -> list[tuple[Any, ...]]:
    found = ask_torch(function, args, kwargs, Region.HOST)
    parts = found.items if isinstance(found, SequenceType) else (found,)
    return [part.dims for part in parts if isinstance(part, TensorType)]


@pytest.mark.parametrize("rows", [M, dim(4096), dim(3)])
def test_one_size_is_the_elements(rows: Dim) -> None:
    assert shapes(torch.nonzero, mask(rows)) == [(FIRST, 1)]
    assert shapes(operator.getitem, tensor(rows, K), mask(rows)) == [(FIRST, K)]
    assert shapes(operator.getitem, tensor(K, rows), SequenceType((ALL, mask(rows)))) == [(K, FIRST)]
    assert shapes(torch.masked_select, tensor(rows, K), mask(rows, K)) == [(FIRST,)]
    assert shapes(torch.repeat_interleave, tensor(rows, K), ints(rows), dim=NumberType(int, dim(0))) == [(FIRST, K)]
    assert shapes(torch.bincount, ints(rows)) == [(FIRST,)]


def test_results_that_are_as_long_share_a_size() -> None:
    assert shapes(torch.where, mask(M, K)) == [(FIRST,), (FIRST,)]
    assert shapes(torch.unique, ints(M), return_inverse=ConstantType(True)) == [(FIRST,), (M,)]


def test_sizes_that_do_not_fit_are_refused_and_may_fit_under_other_names() -> None:
    found = ask_torch(operator.getitem, (tensor(M, 4), mask(K)), {}, Region.HOST)
    assert isinstance(found, Refusal)
    assert not found.certain


def test_the_device_has_no_such_sizes() -> None:
    found = ask_torch(torch.nonzero, (mask(M),), {}, Region.DEVICE)
    assert isinstance(found, Refusal)
    assert found.needs_data


def test_no_random_number_is_drawn() -> None:
    before = torch.get_rng_state()
    shapes(torch.nonzero, mask(M, size_symbol("j")))
    assert torch.equal(torch.get_rng_state(), before)
