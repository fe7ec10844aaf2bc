"""What locks promise calls; each function runs in a process where Triton interprets."""

from __future__ import annotations

import os
import random
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

import helion
from helion import compiler, exc
from helion.cli import subject as subjects
from helion.locks.kernel_hash import kernel_hash
from helion.locks.layers import module_name
from helion.locks.sidecar import sidecar_path, sidecar_text
from helion.runtime.import_kernel import import_kernel
from helion.signatures.notation import notation_of_arguments
from tests.runtime import kernels
from tests.runtime.call_checks import X, bound_of, stderr_of

EXAMPLES = Path(__file__).parents[2] / "examples"
WIDE = torch.randn(64)
ENTRIES = {"f32[8], float": helion.Config(block_sizes=[4]), "f32[64], float": helion.Config(block_sizes=[16])}


@contextmanager
def override(device: str, signature: str | None, block: int) -> Iterator[Path]:
    """A folder on the search path with one lock of `times`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{module_name(Path(kernels.__file__))}.helion.lock"
        entry = {"kernel": "times", "device": device, "signature": signature, "config": {"block_sizes": [block]}, "method": "measured"}
        path.write_text(sidecar_text([{**entry, "us": 2.0, "default_us": 5.0, "date": "2026-11-21"}]))
        os.environ["HELION_LOCK_PATH"] = os.pathsep.join(("/no/such/folder", folder))
        try:
            yield path
        finally:
            del os.environ["HELION_LOCK_PATH"]


def check_an_override_wins_over_the_decorator_without_touching_it() -> None:
    with override("*", "f32[8], float", 2) as path:
        for kernel in (helion.kernel(kernels.times, configs={"*": ENTRIES}), helion.kernel(kernels.times, config={"block_sizes": [8]})):
            explained = kernel.explain(X)
            assert explained.config == helion.Config(block_sizes=[2])
            assert explained.selected is not None and explained.selected.entry.origin == str(path)
            assert str(path) in str(explained)
            assert "measured 2.0 µs (default 5.0 µs) on 2026-11-21" in str(explained)
            assert torch.equal(kernel(X), X * 3)
            assert "_BLOCK_SIZE_0 = 2" in bound_of(kernel, X, 3.0).to_triton_code()
        kernel = helion.kernel(kernels.times, configs={"*": ENTRIES})
        assert kernel.explain(WIDE).config == helion.Config(block_sizes=[16]), "what is not overridden stays"
    assert kernel.explain(X).config == helion.Config(block_sizes=[2]), "read once"
    kernel.reset()
    assert kernel.explain(X).config == helion.Config(block_sizes=[4])


def check_an_override_that_does_not_fit_is_named() -> None:
    with override("*", None, 3) as path, pytest.raises(exc.InvalidConfig, match="does not fit the kernel any more") as raised:
        helion.kernel(kernels.times)(X)
    assert str(path) in str(raised.value)


def check_an_override_that_cannot_be_read_is_an_error() -> None:
    with override("*", None, 4) as path:
        path.write_text("<<<<<<< HEAD\n" + path.read_text())
        with pytest.raises(exc.InvalidConfig, match="is not JSON, perhaps after a merge") as raised:
            helion.kernel(kernels.times)(X)
    assert f"{path}:1:1" in str(raised.value)


NAMED = """
import torch
import helion
import helion.language as hl


def plain(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] + 1
    return out


def make():
    @helion.kernel(configs={"*": helion.Config(block_sizes=[4])})
    def inner(x: torch.Tensor) -> torch.Tensor:
        out = torch.empty_like(x)
        for tile in hl.tile(x.size()):
            out[tile] = x[tile] + 2
        return out

    return inner


fast = helion.kernel(plain, configs={"*": helion.Config(block_sizes=[4])})
slow = helion.kernel(plain, configs={"*": helion.Config(block_sizes=[2])})
made = make()
"""


def check_a_kernel_is_known_by_its_name_in_the_text() -> None:
    """The commands write that name: of a kernel in a function without `<locals>`, of a call the variable that it is assigned to."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "named.py"
        path.write_text(NAMED)
        for name, attribute, blocks in (("fast", "fast", 4), ("slow", "slow", 2), ("make.inner", "made", 4)):
            locked = {"kernel": name, "device": "*", "signature": None, "method": "measured", "us": 1.0}
            sidecar_path(path).write_text(sidecar_text([{**locked, "config": {"block_sizes": [blocks]}}]))
            kernel = import_kernel(path, attribute)
            kernel.reset()
            assert kernel.explain(X).evidence["us"] == 1.0
            (Path(folder) / "named.helion.lock").write_text(sidecar_text([{**locked, "config": {"block_sizes": [1]}}]))
            os.environ["HELION_LOCK_PATH"] = folder
            kernel.reset()
            try:
                assert kernel.explain(X).config == helion.Config(block_sizes=[1])
            finally:
                del os.environ["HELION_LOCK_PATH"]


def check_sizes_as_arguments_get_the_lock_of_each_size() -> None:
    kernel = helion.kernel(kernels.times, configs={"*": ENTRIES}, static_shapes=False)
    bound = bound_of(kernel, X, 3.0)
    assert bound_of(kernel, WIDE, 3.0) is bound, "one specialization serves both"
    compiled: list[helion.Config] = []
    compile_config = bound.compile_config
    bound.compile_config = lambda config, **options: (compiled.append(config), compile_config(config, **options))[1]  # type: ignore[method-assign]
    stderr_of(lambda: [torch.testing.assert_close(kernel(x), x * 3) for x in (X, WIDE, X, WIDE, torch.randn(56))])
    assert [c.block_sizes for c in compiled] == [[4], [4], [16], [16]], "asked once for each size"


def check_explanations_are_data() -> None:
    kernel = helion.kernel(kernels.times, configs={"*": ENTRIES, "NVIDIA B200": helion.Config(block_sizes=[32])})
    data = kernel.explain(torch.randn(10)).to_json()
    assert data["lock"] == {"device": "*", "signature": "f32[8], float", "origin": "decorator"}
    assert (data["level"], data["exact"], data["config"]) == ("nearest", False, {"block_sizes": [4]})
    missing = helion.kernel(kernels.times, configs={"NVIDIA B200": helion.Config(block_sizes=[32])}, on_missing="default").explain(X)
    assert missing.passed_over == ("NVIDIA B200",)
    assert "there are locks for other devices: NVIDIA B200" in str(missing)


def check_a_call_that_raises_is_explained_too() -> None:
    kernel = helion.kernel(kernels.times, configs={"NVIDIA B200": helion.Config(block_sizes=[32])}, on_missing="error")
    explained = kernel.explain(X)
    assert (explained.config, explained.passed_over) == (None, ("NVIDIA B200",))
    assert explained.remarks == (("error", "such a call raises helion.exc.NoConfigFound"),)
    with pytest.raises(exc.NoConfigFound, match="on_missing is 'error'"):
        kernel(X)
    misfit = helion.kernel(kernels.times, configs={"*": helion.Config(block_sizes=[32, 32])})
    (problem,) = [words for severity, words in misfit.explain(X).remarks if severity == "error"]
    assert "`block_sizes` has 2 entries" in problem
    with pytest.raises(exc.InvalidConfig):
        misfit(X)


KEPT = """
import torch
import helion
import helion.language as hl


def never(functions, *, repeat, desc=None):
    raise AssertionError("it is tuned")


@helion.kernel(autotune_benchmark_fn=never)
def kept(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] + 1
    return out
"""


def check_a_default_that_a_tuning_kept_is_not_tuned_again() -> None:
    """Not while the kernel is what was tuned; with other arguments, or another body, it is."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kept_default.py"
        path.write_text(KEPT)
        kernel = import_kernel(path, "kept")
        bound = kernel.bind((X,))
        assert isinstance(bound, helion.runtime.BoundKernel)
        verdict = "no significant change: the default config stays"
        entry = {"kernel": "kept", "device": "cpu", "signature": "f32[8]", "kept": True, "runs": "default", "verdict": verdict}
        for runs, digest, is_tuned in (("default", kernel_hash(bound.syntax), False), ("default", "0" * 16, True), ({}, None, True)):
            sidecar_path(path).write_text(sidecar_text([{**entry, "runs": runs, "kernel_hash": digest or kernel_hash(bound.syntax)}]))
            kernel.reset()
            explained = kernel.explain(X)
            assert (explained.config is None) == is_tuned, (runs, digest)
            assert (verdict in str(explained)) != is_tuned
        assert kernel.explain(WIDE).config is None
        sidecar_path(path).write_text(sidecar_text([{**entry, "kernel_hash": kernel_hash(bound.syntax)}]))
        kernel.reset()
        assert torch.equal(kernel(X), X + 1), "which would raise if it were tuned"


LOCKED = """
import torch
import helion
import helion.language as hl


class Kernels:
    @staticmethod
    @helion.kernel(configs={"DEVICE": {"f32[64], str": helion.Config(block_sizes=[4])}}, on_missing="POLICY")
    def locked(x: torch.Tensor, kind: str) -> torch.Tensor:
        out = torch.empty_like(x)
        for tile in hl.tile(x.size()):
            out[tile] = x[tile] + (1 if kind == "it's" else 2)
        return out
"""


def check_a_choice_that_nobody_wrote_names_the_command_that_makes_it() -> None:
    """As it is to be typed: with the file, the kernel, and the call's own arguments."""
    for number, (device, policy) in enumerate((("cpu", "default"), ("NVIDIA B200", "default"), ("NVIDIA B200", "error"))):
        with tempfile.TemporaryDirectory(prefix="a folder ") as folder:
            path = Path(folder) / f"locked_{number}.py"
            path.write_text(LOCKED.replace("DEVICE", device).replace("POLICY", policy))
            kernel = import_kernel(path, "Kernels.locked")
            if policy == "error":
                with pytest.raises(exc.NoConfigFound) as raised:
                    kernel(X, "it's")
                said = str(raised.value)
            else:
                said = stderr_of(lambda: torch.testing.assert_close(kernel(X, "it's"), X + 1))  # noqa: B023
                assert stderr_of(lambda: kernel(X, "it's")) == ""  # noqa: B023
            command = shlex.split(said.split("`")[1::2][-1])
            assert [command[0], command[1], command[3], command[5]] == ["helion", "tune", "--args", "--lock"]
            assert subjects.check_subject(command[2], command[4]).kernel.qualname == "Kernels.locked"
            assert command[4] == notation_of_arguments((X, "it's"))
    unlocked = helion.kernel(kernels.times, on_missing="default")
    said = stderr_of(lambda: [unlocked(X), unlocked(WIDE)])
    assert said.count("Using default config: ") == 2 and said.count("helion tune ") == 1


def check_an_unknown_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="on_missing must be one of tune, default, error"):
        helion.kernel(kernels.times, on_missing="ignore")


DYNAMIC = """
import torch
import helion
import helion.language as hl


@helion.kernel(static_shapes=False)
def dynamic(x: torch.Tensor, n: int) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * n
    return out
"""


def check_what_was_tuned_is_what_calls_run() -> None:
    """The command line knows a call by its signature only. Its code, which is what was measured, is the code of such a call under the
    config as a lock writes it."""
    half = torch.float16
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dynamic_sizes.py"
        path.write_text(DYNAMIC)
        same_code(path, "dynamic", (torch.empty(60, 33), 2))
        same_code(path, "dynamic", (torch.empty(1, 33), 2))
    same_code(EXAMPLES / "matmul.py", "matmul", (torch.empty(256, 128, dtype=half), torch.empty(128, 64, dtype=half)))
    same_code(EXAMPLES / "softmax.py", "softmax", (torch.empty(64, 100),))
    same_code(EXAMPLES / "attention.py", "attention", tuple(torch.empty(1, 2, 256, 64, dtype=half) for _ in range(3)))
    same_code(EXAMPLES / "embedding.py", "embedding", (torch.empty(16, 32, dtype=torch.int32), torch.empty(64, 48)))


def same_code(path: Path, name: str, arguments: tuple[object, ...]) -> None:
    kernel = import_kernel(path, name)
    args = kernel.normalize_args(*arguments)
    bound = helion.kernel(kernel.fn, static_shapes=kernel.settings.static_shapes).bind(args)
    assert isinstance(bound, helion.runtime.BoundKernel)
    ir, space = subjects.space_of(subjects.check_subject(f"{path}::{name}", notation_of_arguments(args), to_lower=True), bound.target)
    assert space.fingerprint() == bound.config_spec.fingerprint()
    draw = random.Random(0)
    for config in (space.default(), *(space.sample(draw) for _ in range(5))):
        measured = compiler.generate(ir, config, bound.target).text
        assert bound.module(space.minimize(config)).text == measured


CHECKS = tuple(value for name, value in sorted(globals().items()) if name.startswith("check_"))
