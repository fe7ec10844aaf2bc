"""A lock is judged by what can be tuned in calls of its own signature, which may be more than the text shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helion import compiler
from helion.cli.check_files import check_file
from helion.cli.refresh.audit_files import audit_files
from helion.locks.kernel_hash import kernel_hash
from helion.locks.sidecar import sidecar_path, sidecar_text
from helion.locks.staleness import sites_of
from helion.locks.versions import current_versions
from helion.source import SourceFile
from helion.syntax.config_literals import config_literals
from helion.syntax.parse import parse_module

# Of two tensors of one size the tiles can be flattened; that `x` and `y` are of one size no text says.
TEXT = """
import torch
import helion
import helion.language as hl


@helion.kernel(configs={{"{device}": {{"{signature}": {config}}}}})
def add(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    k, l = y.size()
    out = torch.empty_like(x)
    for tile in hl.tile([m, n]):
        out[tile] = x[tile] + y[tile]
    return out
"""
SAME, OTHER = "f32[64,64], f32[64,64]", "f32[64,64], f32[1,64]"
FLAT = "helion.Config(block_sizes=[8, 1], flatten_loops=[True])"


def written(folder: Path, signature: str, config: str, *, tuned_for: str, device: str = "sm_90", target: str = "sm_90") -> Path:
    path = folder / "added.py"
    path.write_text(TEXT.format(device=device, signature=signature, config=config))
    (kernel,) = parse_module(SourceFile.read(str(path))).kernels
    space = compiler.lock_space(kernel, target, tuned_for)
    assert space is not None
    entry = {
        "kernel": "add",
        "device": device,
        "target": target,
        "signature": signature,
        "method": "measured",
        "kernel_hash": kernel_hash(kernel),
        "space_fingerprint": space.fingerprint(),
        "sites": sites_of(space),
        "versions": current_versions(),
    }
    sidecar_path(path).write_text(sidecar_text([entry]))
    return path


def test_the_text_shows_less_than_a_signature() -> None:
    (kernel,) = parse_module(SourceFile("added.py", TEXT.format(device="sm_90", signature=SAME, config=FLAT))).kernels
    usual, same = compiler.usual_space(kernel), compiler.lock_space(kernel, "sm_90", SAME)
    assert usual is not None and same is not None
    assert "flatten_loops" in sites_of(same)
    assert "flatten_loops" not in sites_of(usual)
    assert compiler.lock_space(kernel, "sm_90", "f32[64], f32[64]") is None, "the kernel cannot be called so"


def test_a_lock_that_fits_its_own_signature_is_not_doubted(tmp_path: Path) -> None:
    path = written(tmp_path, SAME, FLAT, tuned_for=SAME)
    assert [d.message() for _, d in check_file(SourceFile.read(str(path)))] == []
    assert [row.state for row in audit_files((str(path),), (), run_inputs=False)] == ["locked"]


@pytest.mark.parametrize(
    ("signature", "config", "words"),
    [
        (OTHER, FLAT, "`flatten_loops` has 1 entries where this kernel has 0"),
        (SAME, "helion.Config(block_sizes=[8, 1], flatten_loops=[True, True])", "`flatten_loops` has 2 entries where this kernel has 1"),
    ],
)
def test_one_that_does_not_is_broken_in_the_words_of_its_signature(tmp_path: Path, signature: str, config: str, words: str) -> None:
    path = written(tmp_path, signature, config, tuned_for=signature)
    assert words in "\n".join(d.message() for _, d in check_file(SourceFile.read(str(path))))
    (row,) = audit_files((str(path),), (), run_inputs=False)
    assert (row.state, words in row.words[0]) == ("broken", True)


def test_a_product_is_judged_as_the_architecture_that_its_lock_was_tuned_for(tmp_path: Path) -> None:
    split = "helion.Config(block_sizes=[8, 1], range_warp_specializes=[None])"
    path = written(tmp_path, SAME, split, tuned_for=SAME, device="NVIDIA B200", target="sm_100")
    assert [d.message() for _, d in check_file(SourceFile.read(str(path)))] == []
    assert [row.state for row in audit_files((str(path),), (), run_inputs=False)] == ["locked"]
    path = written(tmp_path, SAME, split, tuned_for=SAME, device="NVIDIA H200")
    (row,) = audit_files((str(path),), (), run_inputs=False)
    assert row.state == "broken"


def test_a_lock_for_every_signature_may_stand_beside_those_of_some(tmp_path: Path) -> None:
    path = tmp_path / "added.py"
    both = '"sm_90": {"*": helion.Config(block_sizes=[8, 8]), "f32[64,64], f32[64,64]": helion.Config(block_sizes=[16, 8])}'
    path.write_text(re.sub(r'"\{device\}": .*\}\}\}\}\)', both.replace("{", "{{").replace("}", "}}") + "}})", TEXT).format())
    assert {d.code for _, d in check_file(SourceFile.read(str(path)))} == {"lock-not-measured"}, "each is found by some call"
    (kernel,) = parse_module(SourceFile.read(str(path))).kernels
    assert [literal.signature for literal in config_literals(kernel)] == [None, SAME]
