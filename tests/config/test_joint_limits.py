"""Searches draw, and `check` admits, only configs of which a program can be made on the device."""

from __future__ import annotations

import math
import random

import torch

import helion
import helion.language as hl
from helion import compiler
from helion.config.space import ConfigSpace
from helion.runtime.bound_kernel import BoundKernel
from helion.target import find_target


@helion.kernel(ignore_warnings=[helion.exc.BaseWarning])
def outer_sums(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(0)], device=x.device)
    for tile_m, tile_n in hl.tile(out.shape):
        out[tile_m, tile_n] = x[tile_m][:, None] + y[tile_n][None, :]
    return out


@helion.kernel(ignore_warnings=[helion.exc.BaseWarning])
def in_two_phases(x: torch.Tensor) -> torch.Tensor:
    part, out = torch.empty_like(x), torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        part[tile] = x[tile] + 1
    hl.barrier()
    for tile in hl.tile(x.size(0)):
        out[tile] = part[tile] * 2
    return out


def space_of(kernel: helion.Kernel, *arguments: torch.Tensor) -> ConfigSpace:
    target = find_target("sm_90")
    assert target is not None
    return compiler.config_space(BoundKernel(kernel, arguments).ir, target)


def test_no_value_of_more_elements_than_triton_has_is_drawn() -> None:
    space = space_of(outer_sums, torch.zeros(4096), torch.zeros(4096))
    drawn = [space.sample(random.Random(seed)) for seed in range(200)]
    largest = space.normalize({"block_sizes": [1024, 1024]})
    assert all(math.prod(config["block_sizes"]) <= 1 << 20 for config in (*drawn, *space.neighbours(largest)))


def test_registers_have_room() -> None:
    space = space_of(outer_sums, torch.zeros(4096), torch.zeros(4096))
    config = {"block_sizes": [16, 16], "pid_type": "persistent_blocked", "maxnreg": 256}
    (problem,) = space.check({**config, "num_warps": 16})
    assert problem.message().endswith("allowed with 16 warps: None, 32, 64, 128")
    assert not space.check({**config, "num_warps": 8})
    assert not space.check({**config, "pid_type": "flat", "num_warps": 16})
    assert all(c["num_warps"] <= 8 for c in space.neighbours({**config, "num_warps": 8}) if c.config.get("maxnreg") == 256)


def test_programs_that_wait_are_one_a_multiprocessor() -> None:
    space = space_of(in_two_phases, torch.zeros(64))
    (problem,) = space.check({"block_sizes": [16, 16], "num_sm_multiplier": 2})
    assert "hl.barrier()" in problem.message()
    assert {space.sample(random.Random(seed))["num_sm_multiplier"] for seed in range(50)} == {1}


@helion.kernel(ignore_warnings=[helion.exc.BaseWarning])
def shares(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile_m in hl.tile(x.size(0)):
        total = hl.zeros([tile_m])
        for tile_n in hl.tile(x.size(1)):
            total = total + x[tile_m, tile_n].sum(-1)
        for tile_n in hl.tile(x.size(1)):
            out[tile_m, tile_n] = x[tile_m, tile_n] / total[:, None]
    return out


@helion.kernel(ignore_warnings=[helion.exc.BaseWarning])
def powers(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile([x.size(0), x.size(1)]):
        total = x[tile_m, tile_n]
        for power in range(1, 4):
            total = total * power + x[tile_m, tile_n]
        out[tile_m, tile_n] = total
    return out


def test_a_loop_that_adds_no_elements_to_one_another_is_unrolled() -> None:
    space = space_of(powers, torch.zeros(64, 512))
    assert not space.check({"block_sizes": [4, 4], "num_warps": 8, "range_unroll_factors": [0, 2]})


def test_a_loop_that_reads_sums_of_few_elements_is_not_unrolled() -> None:
    space = space_of(shares, torch.zeros(64, 512))
    few, many = ({"block_sizes": [16, n, 32], "num_warps": 8, "range_unroll_factors": [0, 0, 2]} for n in (2, 64))
    (problem,) = space.check(few)
    assert "Triton cannot unroll" in problem.message()
    assert not space.check(many)
    assert space.check({**few, "range_unroll_factors": [0, 2, 0]})
    assert not space.check({**few, "range_unroll_factors": [0, 0, 0]})
    assert all(not space.check(space.sample(random.Random(seed))) for seed in range(100))
