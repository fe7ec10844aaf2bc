"""Values put together and taken apart: their types, and what is refused."""

from __future__ import annotations

import pytest

from tests.typecheck.kernels import check, codes, types

KERNEL = """
@helion.kernel
def kernel(x: torch.Tensor, y: torch.Tensor):
    m, n = x.size()
    for tile_m, tile_n in hl.tile([m, n]):
        a, row, pairs = x[tile_m, tile_n], x[tile_m, :], y[tile_m, :]
        {statement}
        x[tile_m, tile_n] = a
    return x
"""
SIGNATURE = "f32[16, 12], f32[16, 2]"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("hl.split(pairs)", "(f32[tile_m], f32[tile_m])"),
        ("hl.join(a, a.sum(0)[None, :])", "f32[tile_m, tile_n, 2]"),
        ("torch.stack([a, a], 1)", "f32[tile_m, 2, tile_n]"),
        ("torch.cat([a, a, a], dim=0)", "f32[3*tile_m, tile_n]"),
        ("torch.cat([pairs, pairs], 1)", "f32[tile_m, 4]"),
        ("pairs.repeat(1, 3)", "f32[tile_m, 6]"),
        ("a.view(torch.int32)", "i32[tile_m, tile_n]"),
        ("a.reshape(tile_m, tile_n.block_size // 2, 2)", "f32[tile_m, tile_n//2, 2]"),
        ("a.sum(1).view(tile_m, 1)", "f32[tile_m, 1]"),
        ("a.flatten()", "f32[tile_m*tile_n]"),
        ("a.swapaxes(0, 1)", "f32[tile_n, tile_m]"),
        ("a.tril()", "f32[tile_m, tile_n]"),
    ],
)
def test_types(value: str, expected: str) -> None:
    kernel = check(KERNEL.format(statement=f"v = {value}"), SIGNATURE)
    assert codes(kernel) == []
    assert types(kernel)["v"] == expected


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("hl.split(a)", "split-shape"),
        ("hl.split(row)", "split-shape"),
        ("hl.join(a, row)", "shape-mismatch"),
        ("hl.join(a, a.to(torch.bfloat16))", "shape-mismatch"),
        ("torch.cat([row, row], 1)", "parts-not-aligned"),
        ("torch.cat([a, pairs], 1)", "parts-not-aligned"),
        ("row.repeat(1, 2)", "parts-not-aligned"),
        ("a.view(torch.int16)", "bitcast-width"),
        ("pairs.unbind(-1)", "unsupported-split"),
        ("torch.chunk(row, 2, 1)", "unsupported-split"),
        ("row.split(6, 1)", "unsupported-split"),
    ],
)
def test_mistakes(value: str, code: str) -> None:
    assert [found for found, _ in codes(check(KERNEL.format(statement=f"v = {value}"), SIGNATURE))] == [code]
