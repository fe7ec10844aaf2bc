"""For kernel authors: compare a kernel with torch on given arguments and print what was seen and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import torch

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
_REPEATS = 20


def assert_close(actual: Any, expected: Any, *, relative: float | None = None) -> None:
    """`torch.testing.assert_close` with tolerances for kernels that accumulate in another order. Raises AssertionError."""
    dtype = expected.dtype if isinstance(expected, torch.Tensor) else torch.float32
    tolerance = relative if relative is not None else 2e-2 if dtype in (torch.float16, torch.bfloat16) else 1e-3
    torch.testing.assert_close(actual, expected, rtol=tolerance, atol=tolerance)


def check(name: str, kernel: Callable[..., Any], reference: Callable[..., Any], args: Sequence[Any]) -> None:
    """Assert that `kernel(*args)` is `reference(*args)` and print a line; on a GPU with both times in milliseconds."""
    assert_close(kernel(*args), reference(*args))
    if DEVICE.type != "cuda":
        print(f"{name}: same as torch")
        return
    ours, theirs = _milliseconds(kernel, args), _milliseconds(reference, args)
    print(f"{name}: same as torch; {ours:.4f} ms, torch {theirs:.4f} ms")


def _milliseconds(function: Callable[..., Any], args: Sequence[Any]) -> float:
    function(*args)
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(_REPEATS):
        function(*args)
    torch.cuda.synchronize()
    return (time.perf_counter() - start) / _REPEATS * 1e3
