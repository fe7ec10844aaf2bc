"""Normal forms: what other keys make meaningless is at its default, so that equal code has one spelling."""

from __future__ import annotations

import pytest

import helion
from helion import compiler
from helion.config.space import ConfigSpace
from helion.settings import Settings
from helion.signatures.notation import signature_from_notation
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile
from helion.target import find_target
from helion.typecheck.global_names import FileGlobals

_KERNELS = """
import torch
import helion
import helion.language as hl

@helion.kernel
def rows(x: torch.Tensor):
    for tile_m, tile_n in hl.tile([x.size(0), x.size(1)]):
        for inner in hl.tile(0, 64, block_size=16):
            x[tile_m, tile_n] = x[tile_m, tile_n] + inner.begin

@helion.kernel
def total(x: torch.Tensor, out: torch.Tensor):
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile, :].sum(-1)
"""


def _space(name: str, signature: str, target: str = "sm_90", **settings: bool) -> ConfigSpace:
    module = compiler.parse(SourceFile("kernels.py", _KERNELS))
    kernel = next(k for k in module.kernels if k.name == name)
    found, device = signature_from_notation(kernel, signature), find_target(target)
    assert isinstance(found, KernelSignature) and device is not None
    return compiler.config_space(compiler.lower(compiler.check(kernel, found, FileGlobals(module), Settings(**settings))), device)


@pytest.mark.parametrize("given", [{"block_sizes": [[16, 32]]}, {"block_sizes": [16, [32]]}, {"block_size": [16, 32]}])
def test_nested_block_sizes_are_one_list(given: dict[str, object]) -> None:
    space = _space("rows", "f32[64,64]")
    assert space.check(given) == ()
    assert space.normalize(given)["block_sizes"] == [16, 32]


def test_ranges_of_the_grid_are_those_of_persistent_programs() -> None:
    space = _space("rows", "f32[64,64]")
    given = {"block_sizes": [16, 16], "range_num_stages": [3, 2], "range_flattens": [True, None]}
    assert space.normalize(given)["range_num_stages"] == [0, 2]
    assert space.normalize(given)["range_flattens"] == [None, None]
    assert space.normalize({**given, "pid_type": "persistent_blocked"})["range_num_stages"] == [3, 2]


def test_an_unrolled_loop_has_no_range() -> None:
    space = _space("rows", "f32[64,64]")
    given = {"block_sizes": [16, 16], "range_unroll_factors": [0, 2], "range_multi_buffers": [None, False]}
    assert space.normalize(given)["range_unroll_factors"] == [0, 2]
    unrolled = space.normalize({**given, "static_ranges": [True]})
    assert (unrolled["range_unroll_factors"], unrolled["range_multi_buffers"]) == ([0, 0], [None, None])


def test_one_loop_is_split_among_warps() -> None:
    space = _space("rows", "f32[64,64]", "sm_100")
    given = {
        "block_sizes": [16, 16],
        "pid_type": "persistent_blocked",
        "range_warp_specializes": [True, True],
        "range_unroll_factors": [2, 2],
    }
    normal = space.normalize(given)
    assert (normal["range_warp_specializes"], normal["range_unroll_factors"]) == ([True, None], [0, 2])


@pytest.mark.parametrize(("target", "allowed"), [("sm_100", True), ("sm_90", False)])
def test_warp_specialization_is_for_devices_and_settings_that_have_it(target: str, allowed: bool) -> None:
    assert ("range_warp_specializes" in _space("rows", "f32[64,64]", target).default()) is allowed
    assert "range_warp_specializes" not in _space("rows", "f32[64,64]", target, allow_warp_specialize=False).default()


@pytest.mark.parametrize(("chunk", "kept"), [(256, 256), (4, 8), (1024, None), (4096, None), (None, None)])
def test_a_chunk_that_holds_the_row_is_no_loop(chunk: int | None, kept: int | None) -> None:
    assert _space("total", "f32[64,1000], f32[64]").normalize({"block_sizes": [1], "reduction_loops": [chunk]})["reduction_loops"] == [kept]


def test_persistent_programs_alone_have_numbers_and_caps() -> None:
    space = _space("rows", "f32[64,64]")
    given = {"block_sizes": [16, 16], "maxnreg": 64, "num_sm_multiplier": 4}
    flat, persistent = space.normalize(given), space.normalize({**given, "pid_type": "persistent_interleaved"})
    assert (flat.config.get("maxnreg"), flat["num_sm_multiplier"]) == (None, 1)
    assert (persistent["maxnreg"], persistent["num_sm_multiplier"]) == (64, 4)


def test_more_programs_than_multiprocessors_are_refused_where_there_is_one_a_tile() -> None:
    space = _space("rows", "f32[64,64]")
    given = {"block_sizes": [16, 16], "num_sm_multiplier": 4}
    (problem,) = space.check(given)
    assert "num_sm_multiplier" in problem.message()
    assert "pid_type='flat'" in problem.message()
    assert space.check({**given, "pid_type": "persistent_blocked"}) == space.check({**given, "num_sm_multiplier": 1}) == ()


def test_a_config_is_minimized_by_the_space_of_its_kernel() -> None:
    space = _space("rows", "f32[64,64]")
    full = space.normalize({"block_sizes": [16, 16], "num_warps": 8})
    assert full.minimize(space) == helion.Config(block_sizes=[16, 16], num_warps=8)
