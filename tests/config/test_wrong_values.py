"""Whatever a config holds, it is refused by key or it can be generated: no value of any key of any kernel ends in an error of the toolkit."""

from __future__ import annotations

import pytest

from helion import compiler
from helion.config.knobs import KNOBS
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
from helion.autotuner import BooleanFragment, EnumFragment, IntegerFragment

@helion.kernel
def indices(x: torch.Tensor):
    for i in hl.grid(x.size(0)):
        x[i] = 1

@helion.kernel
def rows(x: torch.Tensor):
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = torch.softmax(x[tile, :], 1)
    return out

@helion.kernel
def product(x: torch.Tensor, y: torch.Tensor, sums: torch.Tensor):
    times = hl.register_tunable("times", IntegerFragment(1, 4, 2))
    part = hl.register_tunable("part", EnumFragment((1, 2, 8)))
    flag = hl.register_tunable("flag", BooleanFragment())
    out = torch.empty([x.size(0), y.size(1)], device=x.device)
    for tile_m, tile_n in hl.tile([x.size(0), y.size(1)]):
        acc = hl.zeros([tile_m, tile_n])
        for tile_k in hl.tile(x.size(1)):
            acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
        for inner in hl.tile(0, 64, block_size=16):
            acc = acc + inner.begin * times * part
        hl.atomic_add(sums, [tile_m], acc.sum(1))
        out[tile_m, tile_n] = acc * (2.0 if flag else 1.0)
    return out
"""
_SIGNATURES = {"indices": "f32[64]", "rows": "f32[64,5000]", "product": "f16[64,64], f16[64,64], f32[64]"}
_TUNABLES = ("times", "part", "flag")
# fmt: off
_VALUES = (
    "x", "", "pointer", 3, -1, 0, 1.5, True, None, 2**70, float("nan"), b"x", object(), range(2), set[int](), {"a": 1}, (1,), [], [None],
    ["a"], [""], ["", None], ["pointer", 3], [1] * 20, [True], [1.0], [-1], [0], [3], [2**70], [float("nan")], [object()], [[1]], [[[1]]],
    [["", ""]], [[0, "a"]], [[1, 0, None]], [[0.0, 1.0]], [[True, False]],
)
# fmt: on


def _space(name: str, device: str) -> ConfigSpace:
    module = compiler.parse(SourceFile("kernels.py", _KERNELS))
    kernel = next(k for k in module.kernels if k.name == name)
    found, target = signature_from_notation(kernel, _SIGNATURES[name]), find_target(device)
    assert isinstance(found, KernelSignature) and target is not None
    return compiler.config_space(compiler.lower(compiler.check(kernel, found, FileGlobals(module), Settings())), target)


@pytest.mark.parametrize("device", ["sm_80", "sm_100", "gfx950"])
@pytest.mark.parametrize("name", _SIGNATURES)
def test_every_key_with_every_value(name: str, device: str) -> None:
    space = _space(name, device)
    blocks = space.default().config.get("block_sizes")
    keys = [key for knob in KNOBS for key in (knob.key, knob.alias) if key is not None]
    for key in (*keys, *_TUNABLES, "num_warp"):
        others = {} if blocks is None or key.startswith("block_size") else {"block_sizes": blocks}
        for value in _VALUES:
            config = {**others, key: value}
            problems = space.check(config)
            assert all(key in p.message() or p.code == "config-list-length" for p in problems), (key, value)
            if not problems:
                compiler.generate(space.ir, space.normalize(config), space.target)


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("epilogue_subtile", 3, "None, 2, 4, True"),
        ("epilogue_subtile", "2", "None, 2, 4, True"),
        ("maxnreg", 100, "None, 32, 64, 128, 256"),
        ("l2_groupings", 2**70, "not a config key|has 1 entries where this kernel has 0"),
        ("reduction_loops", [2**70], "has 1 entries where this kernel has 0"),
    ],
)
def test_keys_that_the_kernel_has_no_place_for(key: str, value: object, allowed: str) -> None:
    """Their values are those of any kernel: a legal one has no effect, another is refused."""
    (problem,) = _space("indices", "sm_90").check({key: value})
    assert key in problem.message()
    assert any(words in problem.message() for words in allowed.split("|"))


@pytest.mark.parametrize(("key", "value"), [("epilogue_subtile", 2), ("epilogue_subtile", None), ("maxnreg", 128)])
def test_legal_values_have_no_effect_there(key: str, value: object) -> None:
    device = "gfx950" if key == "maxnreg" else "sm_90"
    space = _space("indices", device)
    assert space.check({key: value}) == ()
    assert space.normalize({key: value}) == space.normalize({})


@pytest.mark.parametrize("order", [[0, "a"], [0, None], [0.0, 1.0], [True, False], [0], [0, 0], [1, 2], "01"])
def test_an_order_is_a_permutation(order: object) -> None:
    space = _space("product", "sm_90")
    (problem,) = space.check({"block_sizes": [16, 16, 16], "loop_orders": [order]})
    assert "must be a permutation of [0, 1]" in problem.message()
    assert "tile_m" in problem.message()


@pytest.mark.parametrize(("key", "value", "most"), [("l2_groupings", [8192], 4096), ("reduction_loops", [2**21], 2**20)])
def test_powers_of_two_are_bounded(key: str, value: object, most: int) -> None:
    space = _space("product" if key == "l2_groupings" else "rows", "sm_90")
    (problem,) = space.check({"block_sizes": [16] * (3 if key == "l2_groupings" else 1), key: value})
    assert f"at most {most}" in problem.message()
