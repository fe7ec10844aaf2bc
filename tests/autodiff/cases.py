"""Kernels with arguments and what torch's autograd is to be asked instead; one check of one of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F

from helion import experimental
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel
from helion.types.untyped import is_sequence
from tests.autodiff import pointwise_kernels as pointwise
from tests.autodiff import reduction_kernels as reductions

_Function = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Case:
    """`make(device)` gives the arguments; `reference` is the kernel in torch."""

    name: str
    kernel: Kernel
    reference: Callable[..., Any]
    make: Callable[[str], tuple[Any, ...]]
    tolerance: float = 1e-4


def check(name: str, seed: int | None = None, device: str = "cpu") -> None:
    """The gradients of a case agree with autograd's, under the default config or a random one. Raises AssertionError."""
    case = next(case for case in CASES if case.name == name)
    torch.manual_seed(0)  # pyright: ignore[reportUnknownMemberType]  # torch leaves its parameter untyped
    args = case.make(device)
    watched = tuple(a.clone().requires_grad_() if isinstance(a, torch.Tensor) and a.is_floating_point() else a for a in args)
    outputs: tuple[torch.Tensor, ...] = as_tuple(case.reference(*watched))
    given = tuple(torch.randn_like(output) for output in outputs)
    inputs = [a for a in watched if isinstance(a, torch.Tensor) and a.requires_grad]
    expected = iter(torch.autograd.grad(outputs, inputs, given))
    gradient = experimental.gradient_kernel(case.kernel, *args)
    if seed is not None:
        bound = gradient.bind((*given, *args))
        assert isinstance(bound, BoundKernel)
        bound.set_config(bound.config_spec.sample(random.Random(seed)))
    grad_out = given if len(given) > 1 else next(iter(given))
    found = as_tuple(experimental.backward(case.kernel, grad_out, *args))
    assert len(found) == len(args)
    words = f"\n{name}: {gradient.kernel_source()}"
    for value, actual in zip(watched, found, strict=True):
        if isinstance(value, torch.Tensor) and value.requires_grad:
            wanted = next(expected)
            torch.testing.assert_close(actual, wanted, rtol=case.tolerance, atol=case.tolerance, msg=lambda text: text + words)
        else:
            assert actual is None


def as_tuple(value: Any) -> tuple[Any, ...]:
    """Several results, or the one."""
    return tuple(value) if is_sequence(value) else (value,)


def _applied(*args: Any) -> Any:
    """The last argument of the others."""
    return args[-1](*args[:-1])


def _unary(name: str, function: _Function, low: float = -2.5, high: float = 2.5) -> Case:
    def make(device: str) -> tuple[Any, ...]:
        return (torch.empty(37, 70).uniform_(low, high).to(device), function)

    return Case(name, pointwise.unary, _applied, make)


def _binary(name: str, function: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], low: float = -2.5) -> Case:
    def make(device: str) -> tuple[Any, ...]:
        return (torch.empty(19, 33).uniform_(low, 2.5).to(device), torch.empty(19, 33).uniform_(low, 2.5).to(device), function)

    return Case(name, pointwise.binary, _applied, make)


def _reduction(name: str, kernel: Kernel, function: _Function) -> Case:
    def make(device: str) -> tuple[Any, ...]:
        return (torch.randn(21, 130).to(device), function)

    return Case(name, kernel, _applied, make)


def _random(*shapes: tuple[int, ...], dtype: torch.dtype = torch.float32) -> Callable[[str], tuple[Any, ...]]:
    return lambda device: tuple(torch.randn(shape).to(dtype).to(device) for shape in shapes)


def _with(make: Callable[[str], tuple[Any, ...]], *more: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    return lambda device: (*make(device), *(another(device) for another in more))


def _some(device: str) -> torch.Tensor:
    return (torch.rand(133) > 0.5).to(device)


def _ids(most: int, count: int) -> Callable[[str], torch.Tensor]:
    return lambda device: torch.randint(0, most, (count,)).to(device)


_UNARY: tuple[Any, ...] = (
    *(torch.abs, torch.arctan, torch.asinh, torch.atan, torch.cos, torch.cosh, torch.deg2rad, torch.erf, torch.erfc, torch.exp),
    *(torch.exp2, torch.expm1, torch.floor, torch.frac, torch.neg, torch.positive, torch.relu, torch.round, torch.sigmoid, torch.sign),
    *(torch.sin, torch.sinc, torch.sinh, torch.square, torch.tan, torch.tanh, torch.trunc, torch.nan_to_num),
    *(F.celu, F.elu, F.gelu, F.hardsigmoid, F.hardswish, F.hardtanh, F.leaky_relu, F.logsigmoid, F.mish, F.relu6),
    *(F.selu, F.silu, F.softplus, F.softsign, F.tanhshrink, F.threshold),
)
_POSITIVE: tuple[Any, ...] = (torch.log, torch.log10, torch.log1p, torch.log2, torch.rsqrt, torch.sqrt, torch.reciprocal)
_INSIDE: tuple[Any, ...] = (torch.acos, torch.asin, torch.atanh, torch.erfinv, torch.logit)
_BINARY: tuple[Any, ...] = (
    *(torch.add, torch.atan2, torch.copysign, torch.fmax, torch.fmin, torch.hypot, torch.logaddexp, torch.maximum, torch.minimum),
    *(torch.mul, torch.rsub, torch.sub, torch.true_divide, torch.fmod, torch.remainder),
)


def _threshold(x: torch.Tensor) -> torch.Tensor:
    return F.threshold(x, 0.5, 2.0)


def _normalized(x: torch.Tensor) -> torch.Tensor:
    return F.normalize(x, dim=-1)


_ROWS: tuple[tuple[str, _Function], ...] = (
    ("softmax", lambda x: torch.softmax(x, -1)),
    ("log_softmax", lambda x: F.log_softmax(x, dim=-1)),
    ("normalize", _normalized),
    ("minus_mean", lambda x: x - x.mean(-1, keepdim=True)),
    ("over_amax", lambda x: x / x.abs().amax(-1, keepdim=True)),
    ("cumsum", lambda x: torch.cumsum(x, -1)),
)
_NUMBERS: tuple[tuple[str, _Function], ...] = (
    ("sum", lambda x: x.sum(-1)),
    ("mean", lambda x: x.mean(-1)),
    ("amax", lambda x: x.amax(-1)),
    ("amin", lambda x: x.amin(-1)),
    ("max", lambda x: torch.max(x, -1)[0]),
    ("logsumexp", lambda x: torch.logsumexp(x, -1)),
    ("var", lambda x: x.var(-1)),
    ("std", lambda x: x.std(-1, correction=0)),
    ("norm", lambda x: torch.linalg.vector_norm(x, dim=-1)),  # pyright: ignore[reportUnknownMemberType,reportUnknownLambdaType]
)

CASES = (
    *(_unary(f"unary_{f.__name__}", _threshold if f is F.threshold else f) for f in _UNARY),
    *(_unary(f"unary_{f.__name__}", f, 0.2, 4.0) for f in _POSITIVE),
    *(_unary(f"unary_{f.__name__}", f, -0.9 if f is not torch.logit else 0.1, 0.9) for f in _INSIDE),
    *(_binary(f"binary_{f.__name__}", f) for f in _BINARY),
    _binary("binary_pow", torch.pow, 0.2),
    _binary("binary_xlogy", torch.xlogy, 0.2),
    *(_reduction(f"rows_{name}", reductions.along_rows, f) for name, f in _ROWS),
    *(_reduction(f"rows_{name}", reductions.of_rows, f) for name, f in _NUMBERS),
    Case("gated", pointwise.gated, pointwise.gated_in_torch, _random((33, 70), (70,), (33, 1))),
    Case(
        "scaled",
        pointwise.scaled,
        pointwise.scaled_in_torch,
        lambda device: (*_random((133,), ())(device), -0.5, 0.75),
    ),
    Case("two_outputs", pointwise.two_outputs, pointwise.two_outputs_in_torch, _random((133,), (133,))),
    Case(
        "rows_of_a_table",
        pointwise.rows_of_a_table,
        pointwise.rows_of_a_table_in_torch,
        lambda device: (torch.randn(9, 40).to(device), torch.randint(0, 90, (25,)).to(device), torch.randn(40).to(device)),
    ),
    Case("neighbours", pointwise.neighbours, pointwise.neighbours_in_torch, _random((133,))),
    Case(
        "half_of_it",
        pointwise.half_of_it,
        pointwise.half_of_it_in_torch,
        _with(_random((133,)), _some),
    ),
    Case("in_float32", pointwise.in_float32, pointwise.in_float32_in_torch, _random((33, 70), (70,), dtype=torch.bfloat16), 3e-2),
    Case("row_by_row", pointwise.row_by_row, pointwise.row_by_row_in_torch, _random((13, 40), (40,))),
    Case(
        "flat",
        pointwise.flat,
        pointwise.flat_in_torch,
        lambda device: (torch.randn(3, 5, 40).to(device), torch.randn(5, 3, 40).to(device).transpose(0, 1), torch.randn(40).to(device)),
    ),
    Case("float64", pointwise.two_outputs, pointwise.two_outputs_in_torch, _random((133,), (133,), dtype=torch.float64)),
    Case("rms_norm", reductions.rms_norm, reductions.rms_norm_in_torch, _random((33, 70), (70,))),
    Case("rms_norm_half", reductions.rms_norm, reductions.rms_norm_in_torch, _random((33, 70), (70,), dtype=torch.float16), 1e-2),
    Case("layer_norm", reductions.layer_norm, reductions.layer_norm_in_torch, _random((33, 70), (70,), (70,))),
    Case("cross_entropy", reductions.cross_entropy, reductions.cross_entropy_in_torch, _with(_random((18, 70)), _ids(70, 18))),
    Case("product", reductions.product, reductions.product_in_torch, _random((33, 40), (40, 24)), 1e-3),
)
