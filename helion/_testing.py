"""What ported example scripts import: the device, and `run_example`, which checks kernels against a baseline and prints times."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from helion.testing import DEVICE, milliseconds

Functions = Callable[..., Any] | Mapping[str, Callable[..., Any]]

__all__ = ["DEVICE", "run_example"]


def run_example(
    kernel_fn: Functions,
    baseline_fn: Functions,
    args: Sequence[Any],
    kernel_name: str = "helion",
    baseline_name: str = "torch",
    rtol: float = 1e-2,
    atol: float = 1e-1,
    bwd: bool = False,
) -> None:
    """Compare every function's results with the first baseline's, and print a table of times where there is a GPU.

    `bwd` compares the gradients of the arguments that require one, too. Raises AssertionError.
    """
    kernels = {kernel_name: kernel_fn} if callable(kernel_fn) else kernel_fn
    baselines = {baseline_name: baseline_fn} if callable(baseline_fn) else baseline_fn
    first_name, first = next(iter(baselines.items()))
    functions = {**kernels, **baselines}
    expected = _results(first, args, with_gradients=bwd)
    for name, function in functions.items():
        actual = _results(function, args, with_gradients=bwd)
        torch.testing.assert_close(actual, expected, rtol=rtol, atol=atol, msg=lambda words, name=name: f"{name}: {words}")
    if not any(isinstance(a, torch.Tensor) and a.is_cuda for a in args):
        print(f"{', '.join(functions)}: same as {first_name}")
        return
    times = {name: milliseconds(function, args) for name, function in functions.items()}
    width = max(map(len, times))
    for name, time in times.items():
        print(f"{name:<{width}}  {time:9.4f} ms  {times[first_name] / time:6.2f}x of {first_name}")


def _results(function: Callable[..., Any], args: Sequence[Any], *, with_gradients: bool) -> tuple[Any, ...]:
    if not with_gradients:
        return (function(*args),)
    fresh = [a.detach().requires_grad_() if isinstance(a, torch.Tensor) and a.requires_grad else a for a in args]
    result = function(*fresh)
    result.backward(torch.ones_like(result))
    return (result.detach(), *(a.grad for a in fresh if isinstance(a, torch.Tensor) and a.requires_grad))
