"""For kernel authors: assert that a kernel means what torch says, under its default config or many, and time both."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import torch

from helion import runtime
from helion.autotune.correctness import Tolerance, compare
from helion.autotune.device_timer import DeviceTimer
from helion.reference.run import reference_function
from helion.runtime.kernel import Kernel

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
_MICROSECONDS_PER_MILLISECOND = 1000.0


def assert_close(actual: Any, expected: Any, *, relative: float | None = None) -> None:
    """Assert that results agree as the tuner judges it: within `relative` of the value and of the values' typical size; None goes by
    dtype, so that kernels may round and add up in another order. Raises AssertionError with the worst difference."""
    difference = compare(actual, expected, Tolerance(relative))
    assert difference.worst <= 1, difference.message


def assert_parity(kernel: Kernel, reference: Callable[..., Any], args: Sequence[Any], *, relative: float | None = None) -> None:
    """Assert that `reference(*args)` is what the kernel gives, run eagerly (anywhere) and compiled (a GPU, or TRITON_INTERPRET=1).

    The arguments are copied for each run, since kernels may write to them.
    """
    expected = reference(*_copies(args))
    assert_close(reference_function(kernel.fn)(*_copies(args)), expected, relative=relative)
    assert_close(kernel(*_copies(args)), expected, relative=relative)


def assert_configs_agree(kernel: Kernel, args: Sequence[Any], *, count: int = 8, seed: int = 0) -> None:
    """Assert that `count` random configs give what the kernel gives when run eagerly; names the config that does not."""
    args = kernel.normalize_args(*args)
    expected = reference_function(kernel.fn)(*_copies(args))
    bound = kernel.bind(args)
    assert isinstance(bound, runtime.BoundKernel), f"{kernel.name} runs eagerly: it has no configs"
    draw = random.Random(seed)
    for _ in range(count):
        config = bound.config_spec.sample(draw)
        difference = compare(bound.compile_config(config)(*_copies(args)), expected, Tolerance())
        assert difference.worst <= 1, f"{difference.message}, with {bound.config_spec.minimize(config)!r}"


def check(name: str, kernel: Callable[..., Any], reference: Callable[..., Any], args: Sequence[Any]) -> None:
    """Assert that `kernel(*args)` is `reference(*args)` and print a line; on a GPU with both times in milliseconds."""
    assert_close(kernel(*args), reference(*args))
    if not any(isinstance(a, torch.Tensor) and a.is_cuda for a in args):
        print(f"{name}: same as torch")
        return
    ours, theirs = milliseconds(kernel, args), milliseconds(reference, args)
    print(f"{name}: same as torch; {ours:.4f} ms, torch {theirs:.4f} ms")


def milliseconds(function: Callable[..., Any], args: Sequence[Any]) -> float:
    """The median time of a call on the current GPU, with a cold L2 cache."""
    timing = DeviceTimer(torch.device("cuda")).time(lambda: function(*args), None)
    return timing.microseconds / _MICROSECONDS_PER_MILLISECOND


def _copies(args: Sequence[Any]) -> list[Any]:
    return [a.clone(memory_format=torch.preserve_format) if isinstance(a, torch.Tensor) else a for a in args]
