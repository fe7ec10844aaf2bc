"""What packed floats are given and give."""

from __future__ import annotations

import pytest

from tests.typecheck.kernels import body, check, codes, types

_FLOAT4 = "hl.load_float4_e2m1fn_x16_to_float16"
_BFLOAT16 = "hl.load_bfloat16_x16_to_float16"


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        ("low, high = hl.float4_e2m1fn_x2_to_float32(x[tile_m, :])", None),
        ("low, high = hl.float4_e2m1fn_x2_to_float32(y[tile_m])", "y[tile_m]"),
        (f"v = {_FLOAT4}(x, tile_m.index)", None),
        (f"v = {_FLOAT4}(x, tile_m.index, extra_mask=tile_m.index < 3)", None),
        (f"v = {_FLOAT4}(y, tile_m.index)", "y"),
        (f"v = {_FLOAT4}(x, y[tile_m])", "y[tile_m]"),
        (f"v = {_FLOAT4}(x, tile_m.index, extra_mask=tile_m.index)", "tile_m.index"),
        (f"v = {_BFLOAT16}(y, tile_m.index)", None),
        (f"v = {_BFLOAT16}(x, tile_m.index)", "x"),
    ],
)
def test_packed_floats(call: str, wrong: str | None) -> None:
    kernel = check(body("", f"{call}\nx[tile_m, :] = 0"), "u8[64, 8], bf16[64]")
    assert codes(kernel) == ([] if wrong is None else [("invalid-argument", wrong)])
    if wrong is None:
        found = types(kernel)
        assert found.get("v", found.get("low")) == ("f32[tile_m, 8]" if "low" in found else "f16[tile_m, 16]")
