"""What checking reports: each mistake once, at the text that is wrong; several at once; nothing for what is merely unknown."""

from __future__ import annotations

import pytest

from tests.typecheck.kernels import body, check, codes

LOAD = "v = x[tile_m, :]\n"
KEEP = "\nx[tile_m, :] = v"


@pytest.mark.parametrize(
    ("host", "device", "expected"),
    [
        ("", f"{LOAD}v = v + scael{KEEP}", ("undefined-name", "scael")),
        ("k = 1", f"{LOAD}k = v{KEEP}", ("host-variable-modified-on-device", "k")),
        ("a = hl.zeros([m])", LOAD + KEEP, ("device-api-on-host", "hl.zeros([m])")),
        ("", f"v = x[tile_m, :, 0]{KEEP}", ("rank-mismatch", "x[tile_m, :, 0]")),
        ("", f"{LOAD}w = hl.dot(v, x[tile_m, :]){KEEP}", ("dot-shape-mismatch", "hl.dot(v, x[tile_m, :])")),
        ("", f"{LOAD}w = v + x[:, tile_m]{KEEP}", ("shape-mismatch", "v + x[:, tile_m]")),
        ("", f"{LOAD}v = v + x{KEEP}", ("host-tensor-used-directly", "x")),
        ("", f"{LOAD}with v:\n    pass{KEEP}", ("not-allowed-on-device", "with v:\n            pass")),
        ("", f"{LOAD}del v", ("unsupported-statement", "del v")),
        ("", f"{LOAD}for a, b in hl.tile(m, n):\n    pass{KEEP}", ("failed-to-unpack-tile", "hl.tile(m, n)")),
        ("", f"{LOAD}w = hl.tile(m){KEEP}", ("loop-function-not-in-for", "hl.tile(m)")),
        ("", f"{LOAD}for t in hl.tile(tile_m):\n    pass{KEEP}", ("tile-of-tile", "hl.tile(tile_m)")),
        ("", f"{LOAD}w = tile_m * 2{KEEP}", ("tile-misuse", "tile_m * 2")),
        ("", f"{LOAD}w = v.summ(){KEEP}", ("unknown-attribute", "v.summ")),
        ("", f"{LOAD}w = tile_m.indx{KEEP}", ("unknown-attribute", "tile_m.indx")),
        ("", f"{LOAD}w = v[0]{KEEP}", ("device-value-index", "0")),
        ("", f"{LOAD}w = x.item(){KEEP}", ("not-allowed-on-device", "x.item()")),
        ("for t in hl.tile(m):\n    pass", LOAD + KEEP, None),
        ("if m > 2:\n    for t in hl.tile(m):\n        pass", LOAD + KEEP, ("nested-grid-loop", "for t in hl.tile(m):\n            pass")),
    ],
)
def test_a_mistake_is_reported_where_it_is(host: str, device: str, expected: tuple[str, str] | None) -> None:
    assert codes(check(body(host, device))) == ([] if expected is None else [expected])


def test_a_device_variable_read_on_the_host() -> None:
    text = body("", "total = x[tile_m, :].sum(-1)\nx[tile_m, 0] = total").replace("return x", "return total")
    assert codes(check(text)) == [("device-variable-read-on-host", "total")]


def test_no_device_loop() -> None:
    assert codes(check("@helion.kernel\ndef kernel(x: torch.Tensor):\n    return x\n")) == [("no-device-loop", "kernel")]


def test_a_statement_between_loops() -> None:
    text = body("", LOAD + KEEP).replace("    return x\n", "    a = 1\n    for t in hl.tile(n):\n        x[0, t] = 1\n    return x\n")
    assert [code for code, _ in codes(check(text))] == ["statement-between-loops"]


def test_several_mistakes_are_all_reported() -> None:
    device = f"{LOAD}a = v + nothing\nb = x[tile_m, :, :]\nc = a + b\nd = tile_m.indx{KEEP}"
    assert [code for code, _ in codes(check(body("", device)))] == ["undefined-name", "rank-mismatch", "unknown-attribute"]


def test_what_follows_from_a_mistake_is_not_reported() -> None:
    device = f"{LOAD}a = nothing\nb = a + v\nc = b[0]\nfor t in hl.tile(c):\n    d = a.summ()\nx[tile_m, :] = c"
    assert codes(check(body("", device))) == [("undefined-name", "nothing")]


def test_torch_is_quoted_with_names_of_sizes() -> None:
    kernel = check(body("", f"{LOAD}a = torch.cat([v, v[:, None, :]], 0){KEEP}"), "f32[64,32], f32[1]")
    (found,) = kernel.diagnostics
    assert found.code == "torch-error"
    assert "got 2 and 3" in found.message() or "dimension" in found.message()


@pytest.mark.parametrize("parameters", ["x", "x, y", "x: 'torch.Tensor', *rest", "x: torch.Tensor, *, y=None", "x: Unheard[of]"])
def test_unknown_parameters_are_silent(parameters: str) -> None:
    assert codes(check(body("", LOAD + KEEP, parameters))) == []


@pytest.mark.parametrize(
    ("host", "device", "code"),
    [
        ("match m:\n    case 1:\n        s = 1.0\n    case other:\n        s = 2.0 * other", "x[tile_m, :] = s", "unsupported-statement"),
        ("with open(m) as s:\n    pass", "x[tile_m, :] = s", "unsupported-statement"),
        ("", "import math as s\nx[tile_m, :] = s.pi", "unsupported-statement"),
        ("", "with m as s:\n    w = 1\nx[tile_m, :] = s + w", "not-allowed-on-device"),
    ],
)
def test_what_an_unsupported_statement_binds_is_not_undefined_besides(host: str, device: str, code: str) -> None:
    assert [found for found, _ in codes(check(body(host, device)))] == [code]


def test_a_loop_inside_what_is_unsupported_is_there() -> None:
    text = "    with torch.no_grad():\n        for t in hl.tile(x.size(0)):\n            x[t] = 0\n"
    assert [code for code, _ in codes(check(f"@helion.kernel\ndef f(x: torch.Tensor):\n{text}"))] == ["unsupported-statement"]


@pytest.mark.parametrize("parameter", ["*s", "*, s", "**s"])
def test_a_parameter_that_a_kernel_cannot_have_is_not_undefined_besides(parameter: str) -> None:
    """That it cannot have it is said of the function, before its body is looked at."""
    assert codes(check(body("", "x[tile_m, :] = s", f"x: torch.Tensor, {parameter}"))) == []


@pytest.mark.parametrize("bounds", ["count", "1, count + 1", "0, 2 * count, 2"])
def test_a_constexpr_with_a_default_is_a_constant_of_each_call(bounds: str) -> None:
    text = f"{LOAD}for i in hl.static_range({bounds}):\n    v = v + i{KEEP}"
    assert codes(check(body("", text, "x: torch.Tensor, count: hl.constexpr = 3"))) == []
    assert [code for code, _ in codes(check(body("", text, "x: torch.Tensor, count: int = 3")))] == ["static-range-not-constant"]
