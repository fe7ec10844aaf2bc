"""What is compiled ahead is what a launch looks for: Triton's JIT finds it in its cache, whatever kinds of arguments there are."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import torch

from helion.codegen.triton_module import KernelArgument, LaunchPlan, TritonModule
from helion.offline.artifact import Artifact
from helion.target import find_target

triton = pytest.importorskip("triton")
from triton.runtime.driver import driver  # noqa: E402 - needs triton
from triton.runtime.jit import MockTensor  # noqa: E402
from triton.tools.tensor_descriptor import TensorDescriptor  # noqa: E402

from helion.offline.compile import compile_module, gpu_target  # noqa: E402

H200 = find_target("sm_90")

TEXT = """\
import triton
import triton.language as tl

@triton.jit
def all_kinds(x, n, odd, scale, flip, source, N: tl.constexpr):
    i = tl.arange(0, N)
    v = tl.load(x + i, mask=i < n - odd, other=0.0) * scale
    w = tl.load(x + n + i)
    tl.store(x + i, tl.where(flip, v, -v) + tl.sum(source.load([0, 0])) + w)
"""


class DriverOfNoGpu:
    """Enough of a driver to compile for a launch."""

    def get_current_device(self) -> int:
        return 0

    def get_current_stream(self, device: int) -> int:
        return device

    def get_current_target(self) -> object:
        return gpu_target(H200)


def module() -> TritonModule:
    arguments = (
        KernelArgument("x", "tensor", "x", dtype=torch.float32, divisible_by_16=True),
        KernelArgument("n", "int", "n", divisible_by_16=True),
        KernelArgument("odd", "int", "odd"),
        KernelArgument("scale", "float", "scale"),
        KernelArgument("flip", "bool", "flip"),
        KernelArgument("source", "descriptor", "source", dtype=torch.float32, block_shape=(16, 32)),
        KernelArgument("N", "constexpr", "256", value=256),
    )
    return TritonModule(TEXT, (), LaunchPlan("all_kinds", "host", arguments, "(1,)", 1, 4, 2))


def test_the_jit_finds_what_was_compiled_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triton.knobs.cache, "dir", str(tmp_path / "cache"))
    artifact = compile_module(module(), H200)
    assert isinstance(artifact, Artifact), artifact
    ahead = sorted((tmp_path / "cache").glob("*/*.cubin"))
    assert len(ahead) == 1
    monkeypatch.setattr(driver, "_active", DriverOfNoGpu())
    launch(tmp_path / "launched.py")
    assert sorted((tmp_path / "cache").glob("*/*.cubin")) == ahead


def launch(path: Path) -> None:
    """Compile as a launch with real values would."""
    path.write_text(TEXT, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("launched", path)
    assert spec is not None
    assert spec.loader is not None
    launched = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(launched)
    tensor = torch.empty(64, 64)
    descriptor = TensorDescriptor(tensor, [64, 64], [64, 1], [16, 32])
    arguments = (MockTensor(torch.float32, (256,)), 256, 7, 0.5, True, descriptor, 256)
    launched.all_kinds.warmup(*arguments, grid=(1,), num_warps=4, num_stages=2)
