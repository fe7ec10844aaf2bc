"""Keys of one vendor's devices: tuned, checked and passed to Triton there, refused elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from helion import compiler
from helion.codegen.triton_module import TritonModule
from helion.config.space import ConfigSpace
from helion.device_ir.ir import DeviceIR
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.settings import Settings
from helion.signatures.notation import signature_from_notation
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile
from helion.target import Target, find_target
from helion.typecheck.global_names import FileGlobals

_MATMUL = Path(__file__).parents[2] / "examples" / "matmul.py"


@pytest.fixture(scope="module")
def ir() -> DeviceIR:
    module = compiler.parse(SourceFile.read(_MATMUL))
    kernel = module.kernels[0]
    signature = signature_from_notation(kernel, "bf16[512,512], bf16[512,512]")
    assert isinstance(signature, KernelSignature)
    return compiler.lower(compiler.check(kernel, signature, FileGlobals(module), Settings()))


def _target(name: str) -> Target:
    target = find_target(name)
    assert target is not None
    return target


def _space(ir: DeviceIR, name: str) -> ConfigSpace:
    return compiler.config_space(ir, _target(name))


def test_they_are_tuned_on_amd_alone(ir: DeviceIR) -> None:
    keys = {"waves_per_eu", "matrix_instr_nonkdim", "load_cache_modifiers", "store_cache_modifiers", "xcd_remap"}
    assert keys <= {k.knob.key for k in _space(ir, "gfx950").knobs}
    assert not keys & {k.knob.key for k in _space(ir, "sm_90").knobs}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("waves_per_eu", 2),
        ("matrix_instr_nonkdim", 16),
        ("load_cache_modifiers", ["", ".cg"]),
        ("store_cache_modifier", ".wt"),
        ("xcd_remap", True),
    ],
)
def test_elsewhere_they_are_refused(ir: DeviceIR, key: str, value: object) -> None:
    config = {"block_sizes": [64, 64, 32], key: value}
    assert _space(ir, "gfx950").check(config) == ()
    (problem,) = _space(ir, "sm_90").check(config)
    assert problem.code == "config-value"
    assert "hip devices only" in problem.message()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("waves_per_eu", 5),
        ("waves_per_eu", 0),
        ("matrix_instr_nonkdim", 8),
        ("load_cache_modifiers", [".wt"]),
        ("store_cache_modifiers", [".cg"]),
        ("xcd_remap", 1),
    ],
)
def test_values_are_checked(ir: DeviceIR, key: str, value: object) -> None:
    assert [p.code for p in _space(ir, "gfx950").check({"block_sizes": [64, 64, 32], key: value})] == ["config-value"]


def test_they_reach_the_machine_code(ir: DeviceIR) -> None:
    assert _assembly(ir, matrix_instr_nonkdim=16) != _assembly(ir, matrix_instr_nonkdim=32)


def test_cache_modifiers_are_of_each_access(ir: DeviceIR) -> None:
    text = _module(ir, load_cache_modifiers=["", ".cg"], store_cache_modifiers=[".wt"]).text
    loads = [line for line in text.splitlines() if "tl.load(" in line]
    assert ["cache_modifier='.cg'" in line for line in loads] == [False, True]
    assert "cache_modifier='.wt')" in text
    plain = _assembly(ir)
    assert _assembly(ir, load_cache_modifier=".cg") != plain
    assert _assembly(ir, store_cache_modifiers=[".wt"]) != plain


@pytest.mark.parametrize("pid_type", ["flat", "persistent_blocked", "persistent_interleaved"])
@pytest.mark.parametrize("total", [1, 7, 8, 9, 64, 1001])
def test_dealing_to_chiplets_is_a_permutation(ir: DeviceIR, pid_type: str, total: int) -> None:
    """Every tile is computed once, and those that one chiplet computes follow each other."""
    text = _module(ir, xcd_remap=True, pid_type=pid_type).text
    found = re.search(r"dealt = (.+)\n +share_of_die = (.+)\n +die = (.+)\n +\w+ = (.+)\n", text)
    assert found is not None
    (count,) = {m[1] for m in re.finditer(r"\(([^()]+)\) (?:%|//) 8", found[0])}
    places = [_remapped(found, pid, {count: total}) for pid in range(total)]
    assert sorted(places) == list(range(total))
    for die in range(8):
        own = sorted(places[die::8])
        assert own == list(range(own[0], own[0] + len(own))) if own else True
    assert isinstance(compile_module(_module(ir, xcd_remap=True, pid_type=pid_type), _target("gfx950")), Artifact)


def _remapped(lines: re.Match[str], pid: int, counts: dict[str, int]) -> int:
    values: dict[str, Any] = {"tl": SimpleNamespace(minimum=min), "dealt": pid}
    ((count, total),) = counts.items()
    for name, text in (("share_of_die", lines[2]), ("die", lines[3]), ("place", lines[4])):
        values[name] = eval(text.replace(count, str(total)), values)
    return values["place"]


def test_xyz_programs_keep_their_places(ir: DeviceIR) -> None:
    config = _space(ir, "gfx950").normalize({"block_sizes": [64, 64, 32], "xcd_remap": True, "pid_type": "xyz"})
    assert config["xcd_remap"] is False


def test_control_files_are_nvidias(ir: DeviceIR) -> None:
    config = {"block_sizes": [64, 64, 32], "advanced_controls_file": "tuned.acf"}
    space = _space(ir, "sm_90")
    assert space.check(config) == ()
    module = compiler.generate(ir, space.normalize(config), _target("sm_90"))
    assert ("ptx_options", "--apply-controls tuned.acf") in module.launch.options
    assert "ptx_options='--apply-controls tuned.acf'" in module.text
    assert "advanced_controls_file" not in space.normalize({**config, "advanced_controls_file": ""})
    assert [p.code for p in space.check({**config, "advanced_controls_file": "a file"})] == ["config-value"]
    assert ["cuda devices only" in p.message() for p in _space(ir, "gfx950").check(config)] == [True]


def _module(ir: DeviceIR, **options: object) -> TritonModule:
    target, space = _target("gfx950"), _space(ir, "gfx950")
    config = {"block_sizes": [64, 64, 32], **options}
    assert space.check(config) == ()
    return compiler.generate(ir, space.normalize(config), target)


def _assembly(ir: DeviceIR, **options: object) -> str:
    artifact = compile_module(_module(ir, **options), _target("gfx950"))
    assert isinstance(artifact, Artifact)
    return artifact.assembly
