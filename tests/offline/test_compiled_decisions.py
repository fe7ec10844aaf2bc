"""What compiled code does at each place of a kernel: tensor cores or not, how memory moves, what is spilled."""

from __future__ import annotations

import pytest

from helion import compiler
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.offline.decisions import compiled_decisions
from helion.settings import Settings
from helion.signatures.notation import signature_from_notation
from helion.signatures.representative import representative
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile
from helion.target import find_target
from helion.typecheck.global_names import FileGlobals

PRODUCT = """import torch
import helion
import helion.language as hl


@helion.kernel
def product(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, k = x.size()
    k2, n = y.size()
    out = torch.empty([m, n], dtype=torch.float32, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
        out[tile_m, tile_n] = acc
    return out
"""


def said(args: str, target: str = "sm_90", precision: str | None = None, **config: object) -> dict[str, list[str]]:
    """The texts by what they are about."""
    device = find_target(target)
    assert device is not None
    module = compiler.parse(SourceFile("product.py", PRODUCT))
    (kernel,) = module.kernels
    signature = signature_from_notation(kernel, args)
    assert isinstance(signature, KernelSignature)
    settings = Settings() if precision is None else Settings(dot_precision=precision)
    ir = compiler.lower(compiler.check(kernel, representative(signature)[0], FileGlobals(module), settings))
    space = compiler.config_space(ir, device)
    generated = compiler.generate(ir, space.normalize({**space.default(), **config}), device)
    artifact = compile_module(generated, device)
    assert isinstance(artifact, Artifact), artifact
    found: dict[str, list[str]] = {}
    for decision in compiled_decisions(artifact, generated, device, kernel.function.name_span):
        found.setdefault(PRODUCT[decision.span.start : decision.span.end], []).append(decision.text)
    return found


DOT = "torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])"


def test_wide_tiles_run_on_wgmma_and_move_by_the_copy_engine() -> None:
    found = said("bf16[4096,4096], bf16[4096,4096]", block_sizes=[128, 128, 64], num_warps=8, num_stages=3)
    assert "`wgmma`" in found[DOT][0]
    assert found["x[tile_m, tile_k]"] == ["moves by the copy engine (TMA)"]
    assert any(text.startswith("nothing is spilled") for text in found["product"])


def test_few_rows_run_on_mma_and_say_why() -> None:
    (text,) = said("bf16[16,256], bf16[256,512]", block_sizes=[16, 64, 64], num_warps=4)[DOT]
    assert "`mma.sync`" in text
    assert "at least 64 rows" in text


def test_exact_products_of_f32_have_no_tensor_cores() -> None:
    (text,) = said("f32[128,256], f32[256,512]", precision="ieee", block_sizes=[32, 32, 32])[DOT]
    assert text == "the compiled code has no tensor core instructions: these are multiply-adds"


def test_spilled_registers_are_said_with_what_helps() -> None:
    found = said("bf16[4096,4096], bf16[4096,4096]", block_sizes=[256, 256, 64], num_warps=4, num_stages=2, indexing="pointer")
    assert any("registers a thread are spilled" in text and "smaller tiles" in text for text in found["product"])
    assert any("16 bytes a thread at most" in text for text in found["x[tile_m, tile_k]"])


@pytest.mark.parametrize(("target", "unit"), [("sm_100", "tcgen05.mma"), ("gfx942", "mfma")])
def test_other_targets_have_their_own_units(target: str, unit: str) -> None:
    (text,) = said("bf16[4096,4096], bf16[4096,4096]", target, block_sizes=[128, 128, 64], num_warps=4)[DOT]
    assert f"`{unit}`" in text
