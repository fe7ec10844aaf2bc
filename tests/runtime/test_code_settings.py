"""Settings that change generated code: what they add to it, that results stay, and that every target's compiler takes it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch

import helion
from helion import compiler
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.settings import Settings
from helion.signatures.notation import signature_from_notation
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile
from helion.target import find_target
from helion.typecheck.global_names import FileGlobals
from tests.interpreter_process import InterpreterProcess
from tests.runtime.code_setting_checks import check_results, mixture, shifted

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def _interpreted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRITON_INTERPRET", "1")


def _bound(fn: Any, args: tuple[Any, ...], **settings: Any) -> BoundKernel:
    bound = helion.kernel(fn, autotune_effort="none", **settings).bind(args)
    assert isinstance(bound, BoundKernel)
    return bound


def test_fast_math_uses_approximations() -> None:
    x = torch.rand(200) + 0.5
    bound = _bound(mixture, (x,), fast_math=True)
    functions = set(re.findall(r"libdevice\.(\w+)", bound.to_triton_code()))
    assert functions >= {"fast_sinf", "fast_cosf", "fast_tanf", "fast_dividef", "fast_logf", "fast_log2f", "fast_log10f", "fast_powf"}
    assert "sqrt_rn" not in bound.to_triton_code()
    assert "fast_" not in _bound(mixture, (x,)).to_triton_code()


@pytest.mark.parametrize("setting", ["fast_math", "debug_dtype_asserts", "triton_do_not_specialize", "disable_autotuner_heuristics"])
def test_results_stay(setting: str, interpreter: InterpreterProcess) -> None:
    problem = interpreter.run(check_results, setting)
    assert problem is None, problem


def test_one_binary_whatever_the_sizes() -> None:
    args = (torch.rand(200), 16)
    for static_shapes, asked, sizes, numbers in (
        (False, True, "'x_size_0', ", "'by'"),
        (True, True, "", "'by'"),
        (False, False, "'x_size_0'", ""),
    ):
        code = _bound(shifted, args, static_shapes=static_shapes, triton_do_not_specialize=asked).to_triton_code()
        assert f"@triton.jit(do_not_specialize=[{sizes}{numbers}])\n" in code
    assert "@triton.jit\n" in _bound(shifted, args).to_triton_code()


def test_dtypes_are_asserted() -> None:
    x = torch.rand(200)
    bound = _bound(mixture, (x,), debug_dtype_asserts=True)
    assert 'tl.static_assert(sqrt.dtype == tl.float32, "sqrt is not tl.float32")' in bound.to_triton_code()


def test_lines_say_where_they_come_from() -> None:
    bound = _bound(mixture, (torch.rand(200),))
    start, name = mixture.__code__.co_firstlineno, Path(mixture.__code__.co_filename).name
    comment = f"    # src[{name}:{start + 3}]: v = x[tile]\n    v = tl.load("
    assert comment in bound.to_triton_code()
    assert comment in bound.to_code()
    plain = bound.to_triton_code(output_origin_lines=False)
    assert "# src[" not in plain
    assert [line for line in bound.to_triton_code().splitlines() if "# src[" not in line] == plain.splitlines()
    assert "# src[" not in _bound(mixture, (torch.rand(200),), output_origin_lines=False).to_triton_code()
    assert "# src[" not in Path(bound.get_cached_path()).read_text("utf-8"), "Triton's cache would know each line of the kernel's file"


def test_the_plain_default() -> None:
    x = torch.rand(4096)
    assert _bound(mixture, (x,), disable_autotuner_heuristics=True).config_spec.default()["block_sizes"] == [32]
    assert _bound(mixture, (x,)).config_spec.default()["block_sizes"] != [32]


@pytest.mark.parametrize("target_name", ["sm_90", "sm_100", "gfx950"])
@pytest.mark.parametrize(
    ("file", "signature"),
    [
        ("softmax.py", "bf16[512,1000]"),
        ("attention.py", "f16[1,2,256,64], f16[1,2,256,64], f16[1,2,256,64]"),
        ("layer_norm.py", "bf16[512,1000], bf16[1000], bf16[1000]"),
    ],
)
def test_the_types_found_are_tritons(monkeypatch: pytest.MonkeyPatch, file: str, signature: str, target_name: str) -> None:
    """With asserts of every dtype, and approximations, whole kernels compile for each vendor."""
    monkeypatch.delenv("TRITON_INTERPRET")
    module = compiler.parse(SourceFile.read(EXAMPLES / file))
    kernel, target = module.kernels[0], find_target(target_name)
    found = signature_from_notation(kernel, signature)
    assert isinstance(found, KernelSignature) and target is not None
    settings = Settings(debug_dtype_asserts=True, fast_math=True)
    ir = compiler.lower(compiler.check(kernel, found, FileGlobals(module), settings))
    generated = compiler.generate(ir, compiler.config_space(ir, target).default(), target)
    assert "tl.static_assert" in generated.text
    artifact = compile_module(generated, target)
    assert isinstance(artifact, Artifact), artifact
