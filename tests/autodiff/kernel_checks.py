"""What users see of gradient kernels, each check a function that raises AssertionError; run where Triton interprets."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import helion
from helion import exc, experimental
from helion.runtime.bound_kernel import BoundKernel
from tests.autodiff import pointwise_kernels as pointwise
from tests.autodiff import reduction_kernels as reductions
from tests.autodiff.refused_kernels import REFUSED, X

_GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "gradients.md"


def refuses(name: str) -> None:
    kernel, what, where = next(refused for refused in REFUSED if refused[0].name == name)
    with pytest.raises(exc.AutodiffNotSupported) as caught:
        experimental.backward(kernel, torch.ones(8, 8), X)
    text = str(caught.value)
    assert what in text
    assert where in text


def has_the_text_of_the_guide() -> None:
    gradient = experimental.gradient_kernel(pointwise.gelu_bias, torch.randn(6, 9), torch.randn(9))
    assert f"```python\n{gradient.kernel_source()}```" in _GUIDE.read_text(encoding="utf-8"), gradient.kernel_source()


def is_derived_once() -> None:
    x, y = torch.randn(40), torch.randn(40)
    first = experimental.gradient_kernel(pointwise.two_outputs, x, y)
    assert experimental.gradient_kernel(pointwise.two_outputs, torch.randn(56), torch.randn(56)) is first
    experimental.backward(pointwise.two_outputs, (x, y), x, y)
    bound = first.bind((x, y, x, y))
    assert isinstance(bound, BoundKernel)
    assert bound.selected_config is not None
    assert experimental.gradient_kernel(pointwise.two_outputs, x.double(), y.double()) is not first
    pointwise.two_outputs.reset()
    assert experimental.gradient_kernel(pointwise.two_outputs, x, y) is not first


def leaves_out_outputs_without_a_gradient() -> None:
    x, y = torch.randn(40), torch.randn(40)
    of_x, of_y = experimental.backward(pointwise.two_outputs, (None, x), x, y)
    torch.testing.assert_close(of_x, x * y)
    torch.testing.assert_close(of_y, x * x)


def follows_constants_of_the_module() -> None:
    args = torch.randn(4, 60) - 5, torch.randn(60), torch.randn(4, 1)
    given = torch.zeros(4, 60)
    given[:, 55] = 1.0
    before = experimental.backward(pointwise.gated, given, *args)[0]
    pointwise.BASE *= 2
    try:
        torch.testing.assert_close(experimental.backward(pointwise.gated, given, *args)[0], before * 2)
    finally:
        pointwise.BASE /= 2


def counts_gradients() -> None:
    x = torch.randn(40)
    with pytest.raises(TypeError, match="returns 2 values, and gradients of 1 are given"):
        experimental.backward(pointwise.two_outputs, x, x, x)


def runs_in_reference_mode() -> None:
    kernel = helion.kernel(reductions.layer_norm.fn, ref_mode=helion.RefMode.EAGER)
    args = torch.randn(6, 9), torch.randn(9), torch.randn(9)
    found = experimental.backward(kernel, torch.ones(6, 9), *args)
    for actual, expected in zip(found, experimental.backward(reductions.layer_norm, torch.ones(6, 9), *args), strict=True):
        torch.testing.assert_close(actual, expected)


def may_require_gradients() -> None:
    x = torch.randn(40, requires_grad=True)
    of_x, _ = experimental.backward(pointwise.two_outputs, (torch.ones(40), None), x, x)
    torch.testing.assert_close(of_x, x.detach().exp())
    assert not of_x.requires_grad
