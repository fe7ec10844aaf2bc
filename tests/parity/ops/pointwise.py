"""Kernels that apply torch's pointwise functions, many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F

import helion.language as hl
from tests.parity.op_cases import OpCase

ANY_NUMBER = (
    *(torch.abs, torch.sign, torch.sgn, torch.neg, torch.square, torch.exp, torch.exp2, torch.expm1, torch.sin, torch.cos, torch.tan),
    *(
        torch.tanh,
        torch.sinh,
        torch.cosh,
        torch.atan,
        torch.asinh,
        torch.erf,
        torch.erfc,
        torch.floor,
        torch.ceil,
        torch.round,
        torch.trunc,
    ),
    *(torch.frac, torch.sigmoid, torch.relu, torch.deg2rad, torch.sinc, torch.nan_to_num, torch.signbit, torch.isnan, torch.isfinite),
    *(F.gelu, F.silu, F.mish, F.elu, F.selu, F.celu, F.leaky_relu, F.softplus, F.hardtanh, F.hardswish, F.hardsigmoid, F.relu6),
    *(F.logsigmoid, F.softsign, F.tanhshrink, F.softshrink, F.hardshrink, torch.special.i0, torch.special.ndtr, torch.logical_not),
)
POSITIVE = (
    *(torch.reciprocal, torch.sqrt, torch.rsqrt, torch.log, torch.log2, torch.log10, torch.log1p, torch.lgamma),
    *(torch.special.entr, torch.special.erfcx, torch.special.i1),
)
BELOW_ONE = (torch.asin, torch.acos, torch.atanh, torch.erfinv, torch.logit)
OF_TWO = (
    *(torch.add, torch.sub, torch.mul, torch.div, torch.pow, torch.atan2, torch.hypot, torch.copysign, torch.fmod, torch.remainder),
    *(torch.maximum, torch.minimum, torch.fmax, torch.fmin, torch.floor_divide, torch.nextafter, torch.logaddexp, torch.xlogy),
    *(torch.eq, torch.ne, torch.lt, torch.le, torch.gt, torch.ge, torch.logical_and, torch.logical_or, torch.logical_xor, torch.heaviside),
)
OF_INTEGERS = (
    *(torch.add, torch.sub, torch.mul, torch.floor_divide, torch.remainder, torch.fmod, torch.maximum, torch.minimum, torch.bitwise_and),
    *(torch.bitwise_or, torch.bitwise_xor, torch.bitwise_left_shift, torch.bitwise_right_shift, torch.eq, torch.lt),
)


_SCALES = (1, 2, 0, -1)


def any_number(x: torch.Tensor) -> torch.Tensor:
    out = x.new_empty(len(ANY_NUMBER), x.size(0))
    for tile in hl.tile(x.size(0)):
        for i, function in enumerate(ANY_NUMBER):
            out[i, tile] = function(x[tile])
    return out


def positive(x: torch.Tensor) -> torch.Tensor:
    out = x.new_empty(len(POSITIVE), x.size(0))
    for tile in hl.tile(x.size(0)):
        for i, function in enumerate(POSITIVE):
            out[i, tile] = function(x[tile].abs() + 0.1)
    return out


def below_one(x: torch.Tensor) -> torch.Tensor:
    out = x.new_empty(len(BELOW_ONE), x.size(0))
    for tile in hl.tile(x.size(0)):
        for i, function in enumerate(BELOW_ONE):
            out[i, tile] = function(x[tile].sigmoid())
    return out


def of_two(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = x.new_empty(len(OF_TWO), x.size(0))
    for tile in hl.tile(x.size(0)):
        for i, function in enumerate(OF_TWO):
            out[i, tile] = function(x[tile].abs(), y[tile])
    return out


def of_integers(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = x.new_empty(len(OF_INTEGERS), x.size(0))
    for tile in hl.tile(x.size(0)):
        for i, function in enumerate(OF_INTEGERS):
            out[i, tile] = function(x[tile], y[tile])
    return out


def of_bools(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Bools whose sum is scaled are bools still: what is done with them next sees 1, not 3."""
    out = torch.empty([len(_SCALES), x.size(0)], dtype=torch.int32, device=x.device)
    for tile in hl.tile(x.size(0)):
        for i, scale in enumerate(_SCALES):
            out[i, tile] = torch.add(x[tile], y[tile], alpha=scale).to(torch.int32) + 1
    return out


def of_bytes(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Negative constants beside numbers without a sign wrap around."""
    chosen, filled, whole = torch.empty_like(x), torch.empty_like(x), torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        v = x[tile]
        chosen[tile] = torch.where(v > 3, v, -1)
        filled[tile] = v.masked_fill(v > 3, -2) * -3
        whole[tile] = hl.full([tile], -4, dtype=torch.uint8) + v
    return chosen, filled, whole


def _of_bytes(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return torch.where(x > 3, x, -1), x.masked_fill(x > 3, -2) * -3, torch.full_like(x, -4) + x


def _sums_of_bools(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.stack([torch.add(x, y, alpha=scale).to(torch.int32) + 1 for scale in _SCALES])


def _bools(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    return tuple(torch.randint(0, 2, (53,), generator=generator, dtype=torch.bool) for _ in range(2))


def _stacked(functions: tuple[Callable[..., Any], ...], dtype: torch.dtype, *values: torch.Tensor) -> torch.Tensor:
    return torch.stack([function(*values).to(dtype) for function in functions])


def _floats(count: int, dtype: torch.dtype = torch.float32) -> Any:
    return lambda generator: tuple((torch.randn(53, generator=generator) * 2).to(dtype) for _ in range(count))


def _integers(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    return torch.randint(-100, 100, (53,), generator=generator, dtype=torch.int32), torch.randint(
        1, 8, (53,), generator=generator, dtype=torch.int32
    )


CASES = (
    OpCase("functions of any number", any_number, _floats(1), lambda x: _stacked(ANY_NUMBER, x.dtype, x), 2e-5, draws=2),
    OpCase("functions of bfloat16", any_number, _floats(1, torch.bfloat16), lambda x: _stacked(ANY_NUMBER, x.dtype, x), 2e-2, draws=1),
    OpCase("functions of float64", any_number, _floats(1, torch.float64), lambda x: _stacked(ANY_NUMBER, x.dtype, x), 1e-6, draws=1),
    OpCase("functions of positive numbers", positive, _floats(1), lambda x: _stacked(POSITIVE, x.dtype, x.abs() + 0.1), 2e-5, draws=2),
    OpCase("functions of numbers below 1", below_one, _floats(1), lambda x: _stacked(BELOW_ONE, x.dtype, x.sigmoid()), 1e-4, draws=2),
    OpCase("functions of two numbers", of_two, _floats(2), lambda x, y: _stacked(OF_TWO, x.dtype, x.abs(), y), 2e-5, draws=2),
    OpCase("functions of two integers", of_integers, _integers, lambda x, y: _stacked(OF_INTEGERS, x.dtype, x, y), draws=2),
    OpCase("negative constants for bytes", of_bytes, lambda generator: (torch.arange(12, dtype=torch.uint8),), _of_bytes, draws=1),
    OpCase("scaled sums of bools", of_bools, _bools, _sums_of_bools, draws=1),
)
