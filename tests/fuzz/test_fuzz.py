"""Some drawn kernels in every run; `python -m tests.fuzz` compares as many as there is time for."""

from __future__ import annotations

import ast
import time
from functools import cache

import pytest

from tests.fuzz.compare import compare
from tests.fuzz.kernel import draw_kernel
from tests.interpreter_process import InterpreterProcess
from tests.parity.test_parity import needs_gpu

_SLOW = frozenset({11})  # takes the interpreter three minutes
_SEEDS = [seed for seed in range(60) if seed not in _SLOW]
_SECONDS = 120.0
_GPU_SEEDS = range(200)
# What each of them finds where it is not mended.
_FOUND: dict[int, str] = {
    1913: "a scaled sum of bools was an integer",
    200452: "a quotient of uint8 had 32 bits",
}


@cache
def _deadline() -> float:
    """The sample has a time of its own, however slow the machine is: from the first of its kernels on."""
    return time.monotonic() + _SECONDS


@pytest.mark.parametrize("seed", _FOUND)
def test_what_was_found_stays_mended(seed: int, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(compare, seed)
    assert problem is None, problem


@pytest.mark.parametrize("seed", _SEEDS)
def test_every_way_agrees(seed: int, interpreter: InterpreterProcess) -> None:
    if time.monotonic() > _deadline():
        pytest.skip(f"the sample has had its {_SECONDS:.0f} s")
    problem = interpreter.run(compare, seed)
    if problem is not None and problem.startswith("no answer within"):
        pytest.skip(f"the interpreter is too slow for this kernel: {problem}")
    assert problem is None, problem


@needs_gpu
@pytest.mark.gpu
@pytest.mark.parametrize("seed", [*_FOUND, *_GPU_SEEDS])
def test_every_way_agrees_on_gpu(seed: int) -> None:
    compare(seed, "cuda")


def test_a_seed_draws_the_same_kernel_each_time() -> None:
    assert draw_kernel(7) == draw_kernel(7)
    assert draw_kernel(7).source != draw_kernel(8).source


def test_drawn_kernels_have_what_the_language_has() -> None:
    """The generator would find nothing if it only drew pointwise code."""
    sources = [draw_kernel(seed).source for seed in range(100)]
    for construct in (
        *("hl.dot(", "torch.addmm(", "extra_mask=", "hl.atomic_add(", "torch.where(", ".permute(", "keepdim=True", "if s", "hl.grid("),
        *("torch.sort(", "hl.associative_scan(", "torch.gather(", "torch.stack(", "while ", "hl.specialize(", "block_size=", "] += "),
    ):
        assert any(construct in source for source in sources), construct
    for source in sources:
        ast.parse(source)
