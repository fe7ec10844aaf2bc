"""What calls promise once a kernel is warm, when most are served without a key; each runs in a process where Triton interprets."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any
from unittest import mock

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from triton.runtime.interpreter import GridExecutor

import helion
from helion import exc
from tests.runtime import kernels
from tests.runtime.kernels import plain

X = torch.arange(8, dtype=torch.float32)


def warmed(function: Callable[..., torch.Tensor], *args: Any, **options: Any) -> helion.Kernel:
    """A kernel that has been called often enough for a guard to serve it, as it must."""
    kernel = plain(function, **options)
    for _ in range(6):
        kernel(*args)
    assert is_served(kernel, *args), "no guard serves the call"
    return kernel


def is_served(kernel: Any, *args: Any) -> bool:
    """Whether a call goes without a key."""
    keys: list[object] = []
    make_key = kernel._key

    def counted(values: Any) -> Any:
        keys.append(values)
        return make_key(values)

    kernel._key = counted
    try:
        kernel(*args)
    finally:
        del kernel._key
    return not keys


def doubled(value: torch.Tensor) -> torch.Tensor:
    return value * 2


def check_other_tensors_get_their_own_results() -> None:
    for static_shapes in (True, False):
        kernel = warmed(kernels.times, X, 2.0, static_shapes=static_shapes)
        unaligned, transposed = torch.arange(9.0)[1:], torch.arange(12.0).view(3, 4).t()
        others = [
            X + 1,
            X.double(),
            X.int(),
            X.view(2, 4),
            transposed,
            unaligned,
            X[::2],
            X[:1],
            X[:0],
            torch.nn.Parameter(X),
            X.view(8, 1),
        ]
        for _ in range(6):
            for other in others:
                assert torch.equal(kernel(other, 3.0), other * 3), (static_shapes, other)
                assert torch.equal(kernel(X, 2.0), X * 2)


def check_numbers_of_another_kind_get_their_own_results() -> None:
    kernel = warmed(kernels.times, X, 2.0)
    for factor in (3, 1, 16, 2.5, True):
        assert torch.equal(kernel(X, factor), X * factor)
    assert torch.equal(kernel(X), X * 3)
    assert torch.equal(kernel(factor=5.0, x=X), X * 5)
    with pytest.raises(TypeError, match="missing a required argument"):
        kernel()
    with pytest.raises(TypeError, match="unsupported argument type: object"):
        kernel(X, object())


def check_constexprs_get_their_own_results() -> None:
    kernel = warmed(kernels.baked_times, X, 2.0)
    assert torch.equal(kernel(X, 5.0), X * 5)
    assert torch.equal(kernel(X, 2), X * 2)


def check_globals_are_read_still() -> None:
    kernel = warmed(kernels.scaled, X)
    kernels.SCALE = 7.0
    try:
        assert torch.equal(kernel(X), X * 7)
    finally:
        kernels.SCALE = 2.0
    assert torch.equal(kernel(X), X * 2)


def check_functions_and_global_tensors_have_no_guard() -> None:
    applied, shifted = plain(kernels.applied), plain(kernels.shifted)
    for _ in range(6):
        applied(X, doubled)
        shifted(X)
    assert not is_served(applied, X, doubled)
    assert not is_served(shifted, X)


def check_sizes_that_are_baked_in_or_must_be_equal_are_looked_at_still() -> None:
    kernel = warmed(kernels.row_mean, torch.ones(4, 8), static_shapes=False)
    for columns in (16, 8, 4):
        assert torch.equal(kernel(torch.full((4, columns), 2.0)), torch.full((4,), 2.0))
    dots = warmed(kernels.row_dots, torch.ones(4, 8), torch.ones(4, 8), static_shapes=False)
    assert torch.equal(dots(torch.ones(4, 16), torch.ones(4, 16)), torch.full((4,), 16.0))
    with pytest.raises(exc.ShapeMismatch):
        dots(torch.ones(4, 16), torch.ones(4, 8))


def check_a_config_that_is_set_and_a_reset_count() -> None:
    kernel = warmed(kernels.times, X, 2.0)
    bound: Any = kernel.bind((X, 2.0))
    installed: list[str] = []
    run = bound.compile_config(helion.Config(block_sizes=[4]))

    def run_and_tell(*args: Any) -> Any:
        installed.append("run")
        return run(*args)

    bound.run = bound.run_unwatched = run_and_tell
    assert torch.equal(kernel(X, 2.0), X * 2)
    assert installed
    kernel.reset()
    assert torch.equal(kernel(X, 2.0), X * 2)
    assert len(installed) == 1


def check_the_eager_mode_can_be_switched_on() -> None:
    kernel = warmed(kernels.times, X, 2.0)
    bound: Any = kernel.bind((X, 2.0))
    run, launched = bound.run, list[str]()

    def run_and_tell(*args: Any) -> Any:
        launched.append("launched")
        return run(*args)

    bound.run = bound.run_unwatched = run_and_tell
    for mode, launches in ((helion.RefMode.EAGER, 0), (helion.RefMode.OFF, 3)):
        kernel.settings.ref_mode = mode
        for _ in range(3):
            assert torch.equal(kernel(X, 2.0), X * 2)
        assert len(launched) == launches


def check_a_users_key_is_asked_still() -> None:
    asked: list[float] = []

    def is_large(x: torch.Tensor, factor: float) -> bool:
        asked.append(factor)
        return factor > 4

    kernel = plain(kernels.times, key=is_large)
    for _ in range(8):
        kernel(X, 2.0)
    assert len(asked) >= 8
    assert kernel.bind((X, 2.0)) is not kernel.bind((X, 5.0))


def check_tensors_without_data_run_no_device_code() -> None:
    kernel = warmed(kernels.times, X, 2.0)
    with FakeTensorMode() as mode:
        found = kernel(mode.from_tensor(X), 2.0)
    assert found.shape == X.shape
    assert torch.equal(kernel(X, 2.0), X * 2)


def check_gradients_are_no_hindrance() -> None:
    x = X.clone().requires_grad_()
    kernel = warmed(kernels.times, x, 2.0)
    assert not kernel(x, 2.0).requires_grad or kernel(x, 2.0).is_leaf
    with torch.no_grad():
        assert torch.equal(kernel(x, 2.0), X * 2)
    with torch.inference_mode():
        assert torch.equal(kernel(X.clone(), 2.0), X * 2)


def check_threads_share_a_warm_kernel() -> None:
    kernel = plain(kernels.times)

    def right(size: int) -> bool:
        x = torch.arange(float(size))
        for turn in range(12):
            if turn == 6 and size == 5:
                kernel.reset()
            if not torch.equal(kernel(x, 2.0), x * 2):
                return False
        return True

    interpret, turns = GridExecutor.__call__, Lock()

    def one_at_a_time(launch: GridExecutor, *args: Any, **options: Any) -> None:
        with turns:  # Triton's interpreter puts its own functions into `triton.language` while it runs
            interpret(launch, *args, **options)

    with mock.patch.object(GridExecutor, "__call__", one_at_a_time), ThreadPoolExecutor(4) as pool:
        assert all(pool.map(right, (5, 6, 7, 8)))


CHECKS = tuple(value for name, value in sorted(globals().items()) if name.startswith("check_"))
