"""What configs are said to need of shared memory is what Triton's compiler finds, to the byte, where both say that it is too much."""

from __future__ import annotations

import re

import pytest

from helion import compiler
from helion.config.check_capacity import check_capacity
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.settings import Settings
from helion.signatures.notation import signature_from_notation
from helion.signatures.representative import representative
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile, Span
from helion.target import find_target
from helion.typecheck.global_names import FileGlobals

PRODUCT = """import torch
import helion
import helion.language as hl


@helion.kernel
def product(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, k = x.size()
    _, n = y.size()
    out = torch.empty([m, n], dtype=x.dtype, device=x.device)
    for a, b in hl.tile([m, n]):
        acc = hl.zeros([a, b], dtype=torch.float32)
        for c in hl.tile(k):
            acc = torch.addmm(acc, x[a, c], y[c, b])
        out[a, b] = acc
    return out
"""


@pytest.mark.parametrize(
    ("blocks", "stages", "too_much"),
    [([128, 256, 128], 2, False), ([128, 256, 128], 3, True), ([16, 256, 256], 2, False), ([16, 256, 256], 3, True)],
)
def test_what_is_said_to_fit_does(blocks: list[int], stages: int, *, too_much: bool) -> None:
    module = compiler.parse(SourceFile("product.py", PRODUCT))
    (kernel,) = module.kernels
    found = signature_from_notation(kernel, "bf16[4096,4096], bf16[4096,4096]")
    target = find_target("sm_90")
    assert isinstance(found, KernelSignature)
    assert target is not None
    ir = compiler.lower(compiler.check(kernel, representative(found)[0], FileGlobals(module), Settings()))
    space = compiler.config_space(ir, target)
    config = {"block_sizes": blocks, "num_stages": stages, "num_warps": 8}
    said = [problem.needs for problem in check_capacity(space, config, Span(0, 0))]
    compiled = compile_module(compiler.generate(ir, space.normalize(config), target), target)
    assert isinstance(compiled, Artifact) != too_much
    assert bool(said) == too_much
    if not isinstance(compiled, Artifact):
        needed = re.match(r"\d+", compiled.message)
        assert needed is not None
        assert said[0].startswith(f"{int(needed[0]) // 1024} KiB")
