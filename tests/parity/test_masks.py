"""Accesses are masked where a lane may lie outside, and nowhere else."""

from __future__ import annotations

import re

import pytest

from helion import compiler
from helion.config.config import Config
from helion.target import DEFAULT_TARGET
from tests.typecheck.kernels import check

HEAD = "@helion.kernel(static_shapes=True)\ndef kernel(x: torch.Tensor, idx: torch.Tensor, out: torch.Tensor):\n"


def accesses(body: str, signature: str, block_sizes: list[int]) -> list[str]:
    """For each load and store in order what stands after `mask=`, "" where nothing does."""
    kernel = check(HEAD + body, signature)
    assert not kernel.diagnostics
    ir = compiler.lower(kernel)
    text = compiler.generate(ir, compiler.config_space(ir, DEFAULT_TARGET).normalize(Config(block_sizes=block_sizes)), DEFAULT_TARGET).text
    lines = re.findall(r"tl\.(?:load|store)\(.*", text)
    masks = [re.search(r"mask=(.*?)(?:, other=0|\)$)", line) for line in lines]
    return ["" if mask is None else mask.group(1) for mask in masks]


TILE = "    for t in hl.tile(x.size(0)):\n"
ROWS = "f32[{0},12], i64[{0}], f32[{0}]"


@pytest.mark.parametrize(
    ("body", "rows", "block", "expected"),
    [
        ("        out[t] = x[t, 0]", 64, 16, ["", ""]),
        ("        out[t] = x[t, 0]", 60, 16, ["t_mask", "t_mask"]),
        ("        out[t] = x[t, 0]", 60, 1, ["", ""]),
        ("        out[t] = x[t, :].sum(1)", 64, 16, ["mask_0[None, :]", ""]),
        ("        out[t] = x[t, :].sum(1)", 60, 16, ["t_mask[:, None] & mask_0[None, :]", "t_mask"]),
        ("        out[t] = x[t, 2:6].sum(1)", 64, 16, ["", ""]),
        ("        out[t] = x[t, 2:7].sum(1)", 64, 16, ["mask_0[None, :]", ""]),
        ("        out[t] = x[t, ::3].sum(1)", 64, 16, ["", ""]),
        ("        out[t] = x[idx[t], 0]", 64, 16, ["", "", ""]),
        ("        out[t] = x[idx[t], 0]", 60, 16, ["t_mask", "t_mask", "t_mask"]),
        ("        out[t] = x[t.begin : t.begin + t.block_size, 0]", 64, 16, ["", ""]),
        ("        out[t] = x[t.begin : t.begin + t.block_size, 0]", 60, 16, ["t_mask", "t_mask"]),
        ("        out[t.begin] = x[t.begin, :].sum()", 60, 16, ["mask_0", ""]),
        ("        k = idx[0]\n        out[t] = x[k : k + 1, 0].sum() + x[t, 1]", 64, 16, ["", "(k < 64)", "", ""]),
    ],
)
def test_masks(body: str, rows: int, block: int, expected: list[str]) -> None:
    assert accesses(TILE + body, ROWS.format(rows), [block]) == expected
