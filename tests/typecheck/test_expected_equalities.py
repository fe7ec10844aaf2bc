"""What was learned of a version before saves a round, and never changes what is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helion import compiler
from helion.signatures.infer import infer_signature
from helion.source import SourceFile
from helion.typecheck.global_names import FileGlobals
from helion.typed_kernel.tree import TypedKernel
from helion.types.dims import Assumption

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))
PRODUCT = """\
import torch
import helion
import helion.language as hl

@helion.kernel
def product(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, k = x.size()
    k2, n = y.size()
    assert k == k2
    out = torch.empty([m, n], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
        out[tile_m, tile_n] = acc
    return out
"""


def checked(file: SourceFile, expected: dict[str, tuple[Assumption, ...]]) -> dict[str, TypedKernel]:
    module = compiler.parse(file)
    names = FileGlobals(module)
    return {
        kernel.qualname: compiler.check_as_written(kernel, infer_signature(kernel, names), names, expected.get(kernel.qualname, ()))
        for kernel in module.every_kernel
    }


def assert_same(found: TypedKernel, wanted: TypedKernel) -> None:
    """Everything that is known; functions that are arguments say only where in memory they are."""
    assert re.sub("0x[0-9a-f]+", "", repr(found)) == re.sub("0x[0-9a-f]+", "", repr(wanted))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_what_was_learned_before_is_learned_again(path: Path) -> None:
    file = SourceFile(str(path), path.read_text(encoding="utf-8"))
    cold = checked(file, {})
    warm = checked(file, {name: typed.equalities for name, typed in cold.items()})
    for name, typed in cold.items():
        assert_same(warm[name], typed)


@pytest.mark.parametrize(
    "text",
    [
        PRODUCT.replace("    assert k == k2\n", ""),
        PRODUCT.replace("    assert k == k2\n", "").replace("y[tile_k, tile_n])", "y[hl.arange(16), tile_n])"),
        PRODUCT.replace("y[tile_k, tile_n]", "y[tile_m, tile_n]"),
        PRODUCT.replace("torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])", "acc + x[tile_m, tile_k].sum(1)[:, None]"),
        PRODUCT.replace("    m, k = x.size()", "    m, k = x.size()\n    hl.specialize(k)"),
        PRODUCT.replace(
            "        out[tile_m", "        acc = acc + hl.load(x, [tile_m, tile_n]) + x[tile_n, tile_m].t()\n        out[tile_m"
        ),
    ],
    ids=["not asserted", "another product", "other dims", "no product", "specialized", "more"],
)
def test_another_version_is_judged_by_itself(text: str) -> None:
    before = checked(SourceFile("f.py", PRODUCT), {})["product"].equalities
    assert [f"{a.left} = {a.right}" for a in before] == ["k = k2"]
    cold = checked(SourceFile("f.py", text), {})["product"]
    assert_same(checked(SourceFile("f.py", text), {"product": before})["product"], cold)
