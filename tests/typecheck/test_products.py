"""What matrix products give, and what is wrong with those that do not fit."""

from __future__ import annotations

import pytest

from helion.diagnostics.diagnostic import Severity
from tests.typecheck.kernels import check, codes, types

KERNEL = """
@helion.kernel
def kernel(x: torch.Tensor, y: torch.Tensor, z: torch.Tensor):
    m, k = x.size()
    n = y.size(1)
    b = z.size(0)
    for tile_b, tile_m, tile_n in hl.tile([b, m, n]):
        acc = hl.zeros([tile_m, tile_n])
        for tile_k in hl.tile(k):
            a, c = x[tile_m, tile_k], y[tile_k, tile_n]
            {statement}
        z[tile_b, tile_m, tile_n] = acc[None, :, :]
    return z
"""


def _checked(statement: str, dtypes: str = "bf16 bf16"):
    left, right = dtypes.split()
    return check(KERNEL.format(statement=statement), f"{left}[m, k], {right}[k, n], f32[b, m, n]")


@pytest.mark.parametrize(
    ("product", "dtypes", "expected"),
    [
        ("hl.dot(a, c)", "bf16 bf16", "f32[tile_m, tile_n]"),
        ("hl.dot(a, c)", "i8 i8", "i32[tile_m, tile_n]"),
        ("hl.dot(a, c)", "f8e4m3 f8e5m2", "f32[tile_m, tile_n]"),
        ("hl.dot(a, c, out_dtype=torch.float16)", "f8e4m3 f8e4m3", "f16[tile_m, tile_n]"),
        ("hl.dot(a, c, acc)", "f16 bf16", "f32[tile_m, tile_n]"),
        ("a @ c", "bf16 bf16", "bf16[tile_m, tile_n]"),
        ("a @ c", "f16 bf16", "f32[tile_m, tile_n]"),
        ("torch.mm(a, c, out_dtype=torch.float32)", "bf16 bf16", "f32[tile_m, tile_n]"),
        ("torch.addmm(acc, a, c)", "bf16 f16", "f32[tile_m, tile_n]"),
        ("torch.matmul(a[None, :, :], c)", "bf16 bf16", "bf16[1, tile_m, tile_n]"),
        ("a.sum(0) @ c", "bf16 bf16", "bf16[tile_n]"),
    ],
)
def test_types(product: str, dtypes: str, expected: str) -> None:
    kernel = _checked(f"v = {product}", dtypes)
    assert codes(kernel) == []
    assert types(kernel)["v"] == expected


@pytest.mark.parametrize(
    ("statement", "dtypes", "expected"),
    [
        ("v = hl.dot(a, a)", "bf16 bf16", ("dot-shape-mismatch", "hl.dot(a, a)")),
        ("v = hl.dot(a[None, :, :], c)", "bf16 bf16", ("dot-shape-mismatch", "hl.dot(a[None, :, :], c)")),
        ("v = hl.dot(z[tile_b, tile_m, tile_n], z[tile_m, tile_n, tile_n])", "bf16 bf16", ("dot-batch-mismatch", None)),
        ("v = hl.dot(a, c)", "i64 i64", ("dot-operand-type", "a")),
        ("v = hl.dot(a, 2)", "bf16 bf16", ("dot-operand-type", "2")),
        ("v = hl.dot(a, c)", "f8e4m3 bf16", ("dot-operands-differ", "hl.dot(a, c)")),
        ("v = a @ c", "f8e4m3 f8e4m3", ("float8-matmul", "a @ c")),
        ("v = hl.dot(a, c, acc=acc.to(torch.bfloat16))", "bf16 bf16", ("dot-accumulator-type", "acc.to(torch.bfloat16)")),
        ("v = hl.dot(a, c, acc=acc)", "i8 i8", ("dot-accumulator-type", "acc")),
        ("v = hl.dot(a, c, acc=acc.to(torch.int32))", "bf16 bf16", ("dot-accumulator-type", "acc.to(torch.int32)")),
        ("v = hl.dot(a, c, acc=hl.zeros([tile_n, tile_m]))", "bf16 bf16", ("dot-accumulator-type", "hl.zeros([tile_n, tile_m])")),
        ("v = torch.addmm(hl.zeros([tile_n, tile_m]), a, c)", "bf16 bf16", ("dot-shape-mismatch", "hl.zeros([tile_n, tile_m])")),
    ],
)
def test_mistakes(statement: str, dtypes: str, expected: tuple[str, str | None]) -> None:
    ((code, text),) = codes(_checked(statement, dtypes))
    assert (code, text) == (expected[0], text if expected[1] is None else expected[1])


@pytest.mark.parametrize("statement", ["acc += a @ c", "acc = acc + torch.mm(a, c)", "acc = a.matmul(c) + acc"])
def test_adding_up_rounded_products_is_a_warning(statement: str) -> None:
    kernel = _checked(statement)
    (warning,) = kernel.diagnostics
    assert (warning.code, warning.severity, warning.exception) == (
        "rounded-accumulation",
        Severity.WARNING,
        "TiledKMatmulAccumulationWarning",
    )
    assert not kernel.has_errors


@pytest.mark.parametrize(
    "statement", ["acc = torch.addmm(acc, a, c)", "acc = hl.dot(a, c, acc=acc)", "acc += hl.dot(a, c)", "acc = acc * (a @ c)"]
)
def test_other_accumulation_is_not(statement: str) -> None:
    assert _checked(statement).diagnostics == ()


def test_products_as_wide_as_their_sum_are_not_rounded() -> None:
    assert _checked("acc += a @ c", "f32 f32").diagnostics == ()


SCALED = """
@helion.kernel
def kernel(x: torch.Tensor, s: torch.Tensor, y: torch.Tensor, t: torch.Tensor):
    m, k = x.size()
    n = y.size(1)
    for tile_m, tile_n in hl.tile([m, n]):
        {statement}
        t[tile_n, :] = t[tile_n, :]
    return t
"""
_OPERANDS = "f8e4m3[32, 64], u8[32, 2], f8e4m3[64, 32], u8[32, 2]"


@pytest.mark.parametrize(
    ("call", "signature", "expected"),
    [
        ("hl.dot_scaled(x[tile_m, :], s[tile_m, :], 'e4m3', y[:, tile_n], t[tile_n, :], 'e4m3')", _OPERANDS, None),
        ("hl.dot_scaled(x[tile_m, :], None, 'e4m3', y[:, tile_n], t[tile_n, :], 'e4m3')", _OPERANDS, None),
        ("hl.dot_scaled(x[tile_m, :], s[tile_m, :], 'fp8', y[:, tile_n], t[tile_n, :], 'e4m3')", _OPERANDS, "'fp8'"),
        ("hl.dot_scaled(x[tile_m, :], s[tile_m, :], 'e5m2', y[:, tile_n], t[tile_n, :], 'e4m3')", _OPERANDS, "x[tile_m, :]"),
        ("hl.dot_scaled(x[tile_m, :], s[tile_m, :], 'e4m3', y[:, tile_n], t[tile_m, :], 'e4m3')", _OPERANDS, "t[tile_m, :]"),
        (
            "hl.dot_scaled(x[tile_m, :], s[tile_m, :], 'e4m3', y[:, tile_n], t[tile_n, :], 'e4m3', acc=hl.zeros([tile_m]))",
            _OPERANDS,
            "hl.zeros([tile_m])",
        ),
        (
            "hl.dot_scaled(x[tile_m, :], s[tile_m, :], 'e2m1', y[:, tile_n], t[tile_n, :], 'e4m3')",
            "u8[32, 64], u8[32, 4], f8e4m3[64, 32], u8[32, 2]",
            "hl.dot_scaled(x[tile_m, :], s[tile_m, :], 'e2m1', y[:, tile_n], t[tile_n, :], 'e4m3')",
        ),
    ],
)
def test_scaled_products(call: str, signature: str, expected: str | None) -> None:
    kernel = check(SCALED.format(statement=f"v = {call}"), signature)
    assert codes(kernel) == ([] if expected is None else [("scaled-dot-arguments", expected)])
    if expected is None:
        assert types(kernel)["v"] == "f32[tile_m, tile_n]"
