"""Keys of AMD's devices: tuned, checked and passed to Triton there, refused elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from helion import compiler
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
    keys = {"waves_per_eu", "matrix_instr_nonkdim"}
    assert keys <= {k.knob.key for k in _space(ir, "gfx950").knobs}
    assert not keys & {k.knob.key for k in _space(ir, "sm_90").knobs}


@pytest.mark.parametrize(("key", "value"), [("waves_per_eu", 2), ("matrix_instr_nonkdim", 16)])
def test_elsewhere_they_are_refused(ir: DeviceIR, key: str, value: int) -> None:
    config = {"block_sizes": [64, 64, 32], key: value}
    assert _space(ir, "gfx950").check(config) == ()
    (problem,) = _space(ir, "sm_90").check(config)
    assert problem.code == "config-value"
    assert "hip devices only" in problem.message()


@pytest.mark.parametrize(("key", "value"), [("waves_per_eu", 5), ("waves_per_eu", 0), ("matrix_instr_nonkdim", 8)])
def test_values_are_checked(ir: DeviceIR, key: str, value: int) -> None:
    assert [p.code for p in _space(ir, "gfx950").check({"block_sizes": [64, 64, 32], key: value})] == ["config-value"]


def test_they_reach_the_machine_code(ir: DeviceIR) -> None:
    assert _assembly(ir, matrix_instr_nonkdim=16) != _assembly(ir, matrix_instr_nonkdim=32)


def _assembly(ir: DeviceIR, **options: int) -> str:
    target, space = _target("gfx950"), _space(ir, "gfx950")
    module = compiler.generate(ir, space.normalize({"block_sizes": [64, 64, 32], **options}), target)
    artifact = compile_module(module, target)
    assert isinstance(artifact, Artifact)
    return artifact.assembly
