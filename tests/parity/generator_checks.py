"""What kernels that draw from torch's generator must do, and Philox held against Triton's, in the interpreting process."""

from __future__ import annotations

import random

import torch
import triton
import triton.language as tl

import helion
import helion.language as hl
from helion.autotune.measure_messages import Checked, CheckResults
from helion.autotune.serve_measurements import Bench
from helion.ops.philox import as_uniform, philox
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.live_subject import LiveSubject

_MANY = torch.tensor([0, 1, 2, 2**31 - 1, 2**31, 2**32, 2**40, 123456789])


@triton.jit
def _bits_of_triton(out, seed, places, count: tl.constexpr):
    lanes = tl.arange(0, count)
    drawn = tl.randint4x(seed, tl.load(places + lanes))
    tl.store(out + lanes, drawn[0])
    tl.store(out + count + lanes, drawn[1])
    tl.store(out + 2 * count + lanes, drawn[2])
    tl.store(out + 3 * count + lanes, drawn[3])


@triton.jit
def _uniform_of_triton(out, seed, places, count: tl.constexpr):
    lanes = tl.arange(0, count)
    tl.store(out + lanes, tl.rand(seed, tl.load(places + lanes)))


def check_philox_is_tritons() -> None:
    for seed in (0, 1, 42, -1, 2**40 + 5, -(2**62)):
        bits, uniform = torch.empty(4, 8, dtype=torch.int64), torch.empty(8)
        _bits_of_triton[(1,)](bits, seed, _MANY, 8)
        assert torch.equal(bits, torch.stack(philox(seed, _MANY)))
        _uniform_of_triton[(1,)](uniform, seed, _MANY, 8)
        assert torch.equal(uniform, as_uniform(philox(seed, _MANY)[0]))


@helion.kernel(autotune_effort="none")
def drawn(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Two streams of one shape, and one drawn in a loop whose own axis is not in the shape."""
    m, n = x.size()
    first, second, third = torch.empty_like(x), torch.empty_like(x), torch.empty_like(x)
    for tile in hl.tile(m):
        first[tile, :] = torch.rand([tile, n])
        second[tile, :] = torch.rand_like(x[tile, :])
        for row in hl.grid(n):
            third[tile, row] = torch.rand([tile])
    return first, second, third


@helion.kernel(autotune_effort="none")
def normal(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = torch.randn_like(x[tile, :]) + torch.randn([tile, x.size(1)], dtype=torch.float16) * 0
    return out


def check_generator_draws() -> None:
    x = torch.zeros(13, 17)
    torch.manual_seed(1)
    values = drawn(x)
    again = drawn(x)
    torch.manual_seed(1)
    repeated = drawn(x)
    for a, b, c in zip(values, again, repeated, strict=True):
        assert torch.equal(a, c)
        assert not torch.equal(a, b)
    everything = torch.cat([v.reshape(-1) for v in values])
    assert len(everything.unique()) > 0.99 * len(everything)
    assert everything.min() >= 0 and everything.max() < 1
    assert abs(everything.mean() - 0.5) < 0.05


def check_generator_does_not_know_block_sizes() -> None:
    x = torch.zeros(13, 17)
    bound = drawn.bind((x,))
    assert isinstance(bound, BoundKernel)
    results: list[torch.Tensor] = []
    for seed in range(4):
        run = bound.compile_config(bound.config_spec.sample(random.Random(seed)))
        torch.manual_seed(5)
        results.append(torch.stack(run(x)))
    assert all(torch.equal(results[0], r) for r in results)


@helion.kernel(autotune_effort="none")
def dropped(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    kept, chosen = torch.empty_like(x), torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        kept[tile, :] = torch.nn.functional.dropout(x[tile, :], 0.25)
        chosen[tile, :] = torch.bernoulli(x[tile, :] * 0.5)
    return kept, chosen


def check_dropout() -> None:
    kept, chosen = dropped(torch.ones(64, 64))
    assert kept.unique().tolist() == [0.0, torch.tensor(1 / 0.75).item()]
    assert abs((kept > 0).float().mean() - 0.75) < 0.05
    assert abs(chosen.mean() - 0.5) < 0.05


def check_tuning_compares_the_same_numbers() -> None:
    """Eager torch draws other numbers; the default config, given the same seed, the same."""
    x = torch.zeros(13, 17)
    bound = drawn.bind((x,))
    assert isinstance(bound, BoundKernel)
    bench = Bench(LiveSubject(bound, (x,)))
    config = bound.config_spec.sample(random.Random(3))
    outcome = bench.answer(CheckResults(module=bound.module(config), input_sets=1, repeats=2))
    assert isinstance(outcome, Checked)
    assert outcome.correctness.reference == "the default config"
    assert outcome.correctness.passed, outcome.correctness.message


def check_normal() -> None:
    torch.manual_seed(3)
    values = normal(torch.zeros(64, 64))
    assert abs(values.mean()) < 0.05
    assert abs(values.std() - 1) < 0.05
