"""Stacks of tensors: what they and their elements are, and what is wrong with those that cannot be made."""

from __future__ import annotations

import pytest

from tests.typecheck.kernels import check, codes, types

KERNEL = """
@helion.kernel
def kernel(x: torch.Tensor, pointers: torch.Tensor, wrong: torch.Tensor):
    m, n = x.size()
    {host}
    for tile in hl.tile(m):
        {device}
        x[tile, :] = x[tile, :]
    return x
"""
SIGNATURE = "bf16[16, 12], u64[3], i64[3]"
STACK = "hl.stacktensor_like(x, pointers[:])"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (STACK, "stack bf16[3, 16, 12]"),
        ("hl.stacktensor_like(dev_ptrs=pointers[:], tensor_like=x)", "stack bf16[3, 16, 12]"),
        (f"{STACK}[tile, :]", "bf16[3, tile, 12]"),
        (f"{STACK}[tile, 0]", "bf16[3, tile]"),
        (f"hl.load({STACK}, [tile, slice(None)])", "bf16[3, tile, 12]"),
        (f"{STACK}.dtype", "dtype(bf16)"),
        (f"{STACK}.shape", "(int(3), int(16), int(12))"),
        (f"{STACK}.size(0)", "int(3)"),
    ],
)
def test_types(value: str, expected: str) -> None:
    kernel = check(KERNEL.format(host="pass", device=f"v = {value}"), SIGNATURE)
    assert codes(kernel) == []
    assert types(kernel)["v"] == expected


@pytest.mark.parametrize(
    ("host", "device", "code", "exception"),
    [
        (f"s = {STACK}", "pass", "stack-tensor-on-host", "StackTensorcOnHost"),
        ("pass", "s = hl.stacktensor_like(x, pointers)", "stack-pointers-on-host", "StackTensorDevPtrOnHost"),
        ("pass", "s = hl.stacktensor_like(x, wrong[:])", "stack-pointers-type", "StackTensorDevPtrDtype"),
        ("pass", "s = hl.stacktensor_like(x[tile, :], pointers[:])", "stack-example-on-device", "StackTensorExampleOnDevice"),
        ("pass", f"s = {STACK}\n        s[tile, :] = x[tile, :].sum(1)", "shape-mismatch", "ShapeMismatch"),
        ("pass", f"s = {STACK}\n        s[tile, :] = 'text'", "not-storable", "RequiresTensorInAssignment"),
        ("pass", f"v = {STACK}[tile, :, 0]", "rank-mismatch", "RankMismatch"),
    ],
)
def test_mistakes(host: str, device: str, code: str, exception: str) -> None:
    (problem,) = check(KERNEL.format(host=host, device=device), SIGNATURE).diagnostics
    assert (problem.code, problem.exception) == (code, exception)
