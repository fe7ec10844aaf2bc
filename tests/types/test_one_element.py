"""What a pointwise call gives on meta tensors, by one element on the CPU and by torch itself."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch

from helion.types.one_element import meta_result

aten: Any = torch.ops.aten
DTYPES = (
    torch.bool,
    torch.uint8,
    torch.int32,
    torch.int64,
    torch.float16,
    torch.bfloat16,
    torch.float32,
    torch.float64,
    torch.float8_e4m3fn,
)
SHAPES = (((4, 6), (4, 6)), ((4, 6), (6,)), ((4, 1), (1, 6)), ((4, 6), ()), ((), ()), ((0, 6), (1, 6)))
UNARY = (
    aten.exp2,
    aten.neg,
    aten.sigmoid,
    aten.abs,
    aten.isinf,
    aten.logical_not,
    aten.rsqrt,
    aten.gelu,
    aten.silu,
    aten.clone,
    aten.floor,
)
BINARY = (aten.add.Tensor, aten.sub.Tensor, aten.mul.Tensor, aten.div.Tensor, aten.pow.Tensor_Tensor, aten.maximum.default)
BINARY += (aten.ge.Tensor, aten.logical_and.default, aten.bitwise_and.Tensor, aten.remainder.Tensor, aten.floor_divide.default)
NUMBERS = (True, 2, 2.5)


def _asked(function: Any, *args: Any) -> Any:
    try:
        found = function(*args)
    except (RuntimeError, TypeError, NotImplementedError) as problem:
        return str(problem)
    return found.shape, found.dtype, found.stride(), found.device


def _same(function: Any, *args: Any) -> None:
    assert _asked(lambda *given: meta_result(function, given, {}), *args) == _asked(function, *args), (function, args)


def _meta(shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    return torch.empty(shape, dtype=dtype, device="meta")


@pytest.mark.parametrize("function", UNARY, ids=str)
def test_of_one_tensor(function: Any) -> None:
    for (shape, _), dtype in itertools.product(SHAPES, DTYPES):
        _same(function.default, _meta(shape, dtype))


@pytest.mark.parametrize("function", BINARY, ids=str)
def test_of_two(function: Any) -> None:
    for (left, right), first, second in itertools.product(SHAPES, DTYPES, DTYPES):
        _same(function, _meta(left, first), _meta(right, second))


@pytest.mark.parametrize("function", BINARY[:4], ids=str)
def test_with_a_number(function: Any) -> None:
    for (shape, _), dtype, number in itertools.product(SHAPES, DTYPES, NUMBERS):
        _same(function, _meta(shape, dtype), number)


def test_sizes_that_differ_are_refused_in_torch_s_words() -> None:
    _same(aten.add.Tensor, _meta((4, 6), torch.float32), _meta((5, 6), torch.float32))


def test_other_orders_of_dims_are_torch_s_to_say() -> None:
    turned = _meta((6, 4), torch.float32).t()
    _same(aten.mul.Tensor, turned, turned)
    _same(aten.mul.Tensor, turned, _meta((4, 6), torch.float32))
    assert meta_result(aten.mul.Tensor, (turned, turned), {}).stride() == (1, 4)


def test_a_random_call_draws_nothing_for_its_type() -> None:
    before = torch.get_rng_state()
    meta_result(aten.bernoulli.default, (_meta((4,), torch.float32),), {})
    assert torch.equal(torch.get_rng_state(), before)
