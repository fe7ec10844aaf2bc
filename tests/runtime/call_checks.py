"""What calls of kernels promise; each function runs in a process where Triton interprets."""

from __future__ import annotations

import contextlib
import io
import os
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch

import helion
from helion import exc
from helion._testing import run_example
from helion.runtime.bound_kernel import BoundKernel
from helion.testing import assert_configs_agree, assert_parity
from tests.runtime import kernels
from tests.runtime.kernels import plain

X = torch.arange(8, dtype=torch.float32)


def bound_of(kernel: helion.Kernel, *args: Any) -> BoundKernel:
    bound = kernel.bind(args)
    assert isinstance(bound, BoundKernel)
    return bound


def stderr_of(function: Callable[[], object]) -> str:
    text = io.StringIO()
    with contextlib.redirect_stderr(text):
        function()
    return text.getvalue()


def check_default_arguments_and_keywords() -> None:
    kernel = plain(kernels.times)
    assert torch.equal(kernel(X), X * 3)
    assert torch.equal(kernel(x=X, factor=2.0), X * 2)
    with pytest.raises(TypeError, match="missing a required argument"):
        kernel()


def check_scalars_are_arguments_of_one_specialization() -> None:
    kernel = plain(kernels.times)
    assert torch.equal(kernel(X, 2.0), X * 2)
    assert torch.equal(kernel(X, 5.0), X * 5)
    assert kernel.bind((X, 2.0)) is kernel.bind([X, 5.0])


def check_constexpr_is_baked_in() -> None:
    kernel = plain(kernels.baked_times)
    assert torch.equal(kernel(X, 2.0), X * 2)
    assert torch.equal(kernel(X, 5.0), X * 5)
    assert kernel.bind((X, 2.0)) is not kernel.bind((X, 5.0))


def check_globals_are_read_at_every_call() -> None:
    kernel = plain(kernels.scaled)
    assert torch.equal(kernel(X), X * 2)
    kernels.SCALE = 7.0
    try:
        assert torch.equal(kernel(X), X * 7)
    finally:
        kernels.SCALE = 2.0


def check_global_tensors_are_read_at_every_call() -> None:
    kernel = plain(kernels.shifted)
    assert torch.equal(kernel(X), X * 2)
    before = kernels.OFFSETS
    kernels.OFFSETS = torch.ones(16)[::2]
    try:
        assert torch.equal(kernel(X), X + 1)
    finally:
        kernels.OFFSETS = before


def check_closures_of_function_arguments_are_read_at_every_call() -> None:
    kernel = plain(kernels.applied)

    def times(factor: float) -> Callable[[torch.Tensor], torch.Tensor]:
        return lambda value: value * factor

    assert torch.equal(kernel(X, times(2.0)), X * 2)
    assert torch.equal(kernel(X, times(5.0)), X * 5)


def check_dynamic_shapes_share_a_specialization() -> None:
    kernel = plain(kernels.times, static_shapes=False)
    assert torch.equal(kernel(X), X * 3)
    longer, odd = (torch.arange(n, dtype=torch.float32) for n in (40, 37))
    for x in (longer, odd):
        assert torch.equal(kernel(x), x * 3)
    assert kernel.bind((X,)) is kernel.bind((longer,)) is not kernel.bind((odd,))
    assert plain(kernels.times).bind((X,)) is not plain(kernels.times).bind((longer,))


def check_assumed_sizes_are_guarded() -> None:
    kernel = plain(kernels.row_dots, static_shapes=False)
    x, y = torch.randn(5, 7), torch.randn(5, 7)
    torch.testing.assert_close(kernel(x, y), (x * y).sum(1))
    with pytest.raises(exc.ShapeMismatch, match=r"x\.size\(1\) and y\.size\(1\)"):
        kernel(x, torch.randn(5, 6))
    with pytest.raises(exc.ShapeMismatch, match="needs"):
        plain(kernels.row_dots, static_shapes=False)(x, torch.randn(5, 6))
    torch.testing.assert_close(kernel(x[:3], y[:3]), (x * y)[:3].sum(1))


def check_specialized_sizes_get_their_own_code() -> None:
    kernel = plain(kernels.row_mean, static_shapes=False)
    wide, narrow = torch.randn(5, 8), torch.randn(5, 4)
    torch.testing.assert_close(kernel(wide), wide.mean(1))
    torch.testing.assert_close(kernel(narrow), narrow.mean(1))
    assert kernel.bind((wide,)) is not kernel.bind((narrow,))
    assert kernel.bind((wide,)) is kernel.bind((torch.randn(9, 8),))


def check_errors_are_raised_together_and_by_name() -> None:
    with pytest.raises(exc.UndefinedVariable) as raised:
        plain(kernels.broken)(X)
    assert isinstance(raised.value, exc.CompileError)
    assert "missing" in str(raised.value)
    assert "kernels.py" in str(raised.value)


def check_a_config_that_does_not_fit_is_refused() -> None:
    bound = bound_of(plain(kernels.times), X, 3.0)
    with pytest.raises(exc.InvalidConfig, match="block_sizes"):
        bound.compile_config({"block_sizes": [16, 16]})
    with pytest.raises(exc.InvalidConfig, match="num_warps"):
        bound.set_config(helion.Config(block_sizes=[16], num_warp=4))


def check_set_config_is_what_calls_run() -> None:
    kernel = plain(kernels.times)
    bound = bound_of(kernel, X, 3.0)
    bound.set_config({"block_sizes": [4]})
    assert "_BLOCK_SIZE_0 = 4" in bound.to_triton_code()
    assert torch.equal(kernel(X), X * 3)
    assert "set_config" in str(kernel.explain(X))


def check_compile_config_is_memoized_and_not_installed() -> None:
    bound = bound_of(plain(kernels.times), X, 3.0)
    config = helion.Config(block_sizes=[4])
    assert bound.compile_config(config) is bound.compile_config({"block_sizes": [4], "num_warps": 4})
    assert dict(config) == {"block_sizes": [4]}
    assert "_BLOCK_SIZE_0 = 4" not in bound.to_triton_code()


def check_the_default_config_is_announced_once() -> None:
    kernel = plain(kernels.times)
    first = stderr_of(lambda: kernel(X))
    assert first.startswith("Using default config: @helion.kernel(config=helion.Config(block_sizes=")
    assert stderr_of(lambda: kernel(X)) == ""


def check_decorators_config_is_used_silently() -> None:
    kernel = helion.kernel(kernels.times, config=helion.Config(block_sizes=[4]))
    assert stderr_of(lambda: kernel(X)) == ""
    assert "only config" in str(helion.kernel(kernels.times, config={"block_sizes": [4]}).explain(X))


def check_locks_are_selected_by_signature() -> None:
    entries = {"f32[8], float": helion.Config(block_sizes=[4]), "f32[64], float": helion.Config(block_sizes=[16])}
    kernel = helion.kernel(kernels.times, configs={"*": entries})
    wide = torch.randn(100)
    assert "exactly this signature" in str(kernel.explain(X))
    assert "nearest signature" in str(kernel.explain(wide))
    text = stderr_of(lambda: kernel(X))
    assert "helion tune" in text
    assert stderr_of(lambda: kernel(wide)) == ""
    assert "_BLOCK_SIZE_0 = 4" in bound_of(kernel, X, 3.0).to_triton_code()
    assert "_BLOCK_SIZE_0 = 16" in bound_of(kernel, wide, 3.0).to_triton_code()


def check_a_missing_lock_follows_the_policy() -> None:
    locks = {"NVIDIA H200": helion.Config(block_sizes=[4])}
    with pytest.raises(exc.NoConfigFound, match="no entry of the decorator serves"):
        helion.kernel(kernels.times, configs=locks, on_missing="error")(X)
    assert "on_missing is 'default'" in str(helion.kernel(kernels.times, configs=locks, on_missing="default").explain(X))


def check_output_code_is_printed_with_a_caller() -> None:
    kernel = plain(kernels.times, print_output_code=True)
    text = stderr_of(lambda: kernel(X))
    assert "def _helion_times(" in text
    assert "times(rand_strided((8,), (1,), dtype=torch.float32, device='cpu'), 3.0)" in text


def check_tuning_is_refused_where_it_makes_no_sense() -> None:
    with pytest.raises(exc.AutotuneError, match="interpreter say nothing") as raised:
        helion.kernel(kernels.times, force_autotune=True)(X)
    assert isinstance(raised.value, exc.CompileError)
    os.environ["HELION_DISALLOW_AUTOTUNING"] = "1"
    try:
        with pytest.raises(exc.AutotuningDisallowedInEnvironment, match="force_autotune is set"):
            helion.kernel(kernels.times, force_autotune=True)(X)
    finally:
        del os.environ["HELION_DISALLOW_AUTOTUNING"]


def check_stages_are_shown_when_asked_for() -> None:
    os.environ["HELION_SHOW"] = "types,ir,space,triton"
    try:
        text = stderr_of(lambda: plain(kernels.times)(X))
    finally:
        del os.environ["HELION_SHOW"]
    for stage in ("types", "ir", "space", "triton"):
        assert f"# {stage} of times(f32[8], float)" in text
    assert "block_sizes: " in text
    assert "def _helion_times(" in text
    assert "# types of" not in stderr_of(lambda: plain(kernels.times)(X))


def check_logs_are_told_when_asked_for() -> None:
    for names, told in (("+all", ["DEBUG", "INFO"]), ("helion.runtime", ["INFO"]), ("torch, +triton", [])):
        os.environ["HELION_LOGS"] = names
        try:
            text = stderr_of(lambda: plain(kernels.times)(X))
        finally:
            del os.environ["HELION_LOGS"]
        found = re.findall(r"^[\d-]{10} [\d:]{8} \[helion\.runtime\.kernel\] (\w+): ", text, re.MULTILINE)
        assert found == told, names
        assert ("def _helion_times(" in text) == bool(told)


def check_the_repro_runs_by_itself() -> None:
    kernel = plain(kernels.times, print_repro=True)
    text = stderr_of(lambda: kernel(X))
    assert "# === HELION KERNEL REPRO ===" in text
    assert "def helion_repro_caller():" in text
    assert "@helion.kernel(config=helion.Config(block_sizes=" in text


def check_threads_bind_once() -> None:
    kernel = plain(kernels.times)
    wrong: list[object] = []
    bounds: set[int] = set()

    def call() -> None:
        bounds.add(id(kernel.bind((X, 3.0))))
        if not torch.equal(kernel(X), X * 3):
            wrong.append("a wrong result")

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(bounds) == 1


def check_no_tensor_is_refused() -> None:
    with pytest.raises(exc.NoTensorArgs, match="without a tensor and without a device") as caught:
        plain(kernels.times)(None)
    assert [d.code for d in caught.value.diagnostics] == ["no-tensor-args"]
    with pytest.raises(TypeError, match="unsupported argument type: object"):
        plain(kernels.times)(X, object())


def check_strides_are_arguments() -> None:
    """One kernel for dynamic shapes, called with tensors that lie in memory in every way."""
    kernel = plain(kernels.times, static_shapes=False)
    memory = torch.randn(4000)
    for strides in ((1, 2), (1, 24), (160, 2), (0, 2), (1, 0), (0, 0), (40, 1), (80, 1), (0, 1), (2, 3), (3, 2), (1, 1)):
        x = torch.as_strided(memory, (24, 40), strides)
        torch.testing.assert_close(kernel(x), x * 3, msg=str(strides))


def check_the_reference_of_a_bound_kernel() -> None:
    bound = bound_of(plain(kernels.times), X, 3.0)
    assert torch.equal(bound.run_ref(X, 3.0), X * 3)


def check_helpers_for_kernel_authors() -> None:
    kernel = plain(kernels.times)
    assert_parity(kernel, lambda x: x * 3, (X,))
    assert_configs_agree(kernel, (X,), count=4)
    with pytest.raises(AssertionError, match="times the tolerance"):
        assert_parity(kernel, lambda x: x * 4, (X,))
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        run_example({"ours": kernel}, {"torch": lambda x: x * 3}, (X,))
    assert text.getvalue() == "ours, torch: same as torch\n"
    with pytest.raises(AssertionError, match="ours"):
        run_example({"ours": kernel}, {"torch": lambda x: x * 4}, (X,))


def check_interpreted_kernels_have_no_cache_key() -> None:
    bound = bound_of(helion.kernel(kernels.times, autotune_effort="none"), torch.randn(64), 3.0)
    with pytest.raises(exc.BackendImplementationMissing, match="keeps nothing of what it interprets"):
        bound.backend_cache_key()


CHECKS = tuple(value for name, value in sorted(globals().items()) if name.startswith("check_"))
