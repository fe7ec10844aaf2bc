"""What does not change in a loop is computed once: generated code leaves Triton nothing that keeps it from moving that out."""

from __future__ import annotations

import pytest
import torch

import helion
import helion.language as hl
from helion import compiler
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.target import find_target


def scaled_sums(x: torch.Tensor, scale: torch.Tensor, out: torch.Tensor) -> None:
    for t in hl.tile(x.size(0)):
        acc = hl.zeros([t], dtype=torch.float32)
        for u in hl.tile(x.size(1)):
            acc = acc + (x[t, u] * torch.exp(scale[t])[:, None]).sum(1)
        out[t] = acc


@pytest.mark.parametrize("static_shapes", [True, False], ids=["static", "dynamic"])
def test_an_exponential_of_what_a_loop_does_not_change_stands_before_it(static_shapes: bool) -> None:
    target = find_target("sm_90")
    assert target is not None
    kernel = helion.kernel(scaled_sums, static_shapes=static_shapes, autotune_effort="none")
    bound = BoundKernel(kernel, (torch.zeros(256, 4096), torch.zeros(256), torch.zeros(256)))
    config = compiler.config_space(bound.ir, target).normalize({"block_sizes": [16, 128]})
    compiled = compile_module(compiler.generate(bound.ir, config, target), target)
    assert isinstance(compiled, Artifact)
    before, _, loop = compiled.assembly.partition("Loop Header")
    assert "ex2.approx" in before
    assert "ex2.approx" not in loop
    assert "ld.global" in loop
