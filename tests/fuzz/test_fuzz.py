"""Some drawn kernels in every run; `python -m tests.fuzz` compares as many as there is time for."""

from __future__ import annotations

import ast

import pytest

from tests.fuzz.compare import compare
from tests.fuzz.kernel import draw_kernel
from tests.interpreter_process import InterpreterProcess
from tests.parity.test_parity import needs_gpu

_SEEDS = range(40)
_GPU_SEEDS = range(120)


@pytest.mark.parametrize("seed", _SEEDS)
def test_every_way_agrees(seed: int, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(compare, seed)
    assert problem is None, problem


@needs_gpu
@pytest.mark.gpu
@pytest.mark.parametrize("seed", _GPU_SEEDS)
def test_every_way_agrees_on_gpu(seed: int) -> None:
    compare(seed, "cuda")


def test_a_seed_draws_the_same_kernel_each_time() -> None:
    assert draw_kernel(7) == draw_kernel(7)
    assert draw_kernel(7).source != draw_kernel(8).source


def test_drawn_kernels_have_what_the_language_has() -> None:
    """The generator would find nothing if it only drew pointwise code."""
    sources = [draw_kernel(seed).source for seed in range(300)]
    for construct in ("hl.dot(", "torch.addmm(", "extra_mask=", "hl.atomic_add(", "torch.where(", ".permute(", "keepdim=True", "if s"):
        assert sum(construct in source for source in sources) >= 3, construct
    for source in sources:
        ast.parse(source)
