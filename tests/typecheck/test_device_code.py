"""Device statements: static control flow is decided, the rest joins; helpers are checked where they are called."""

from __future__ import annotations

import pytest

from helion.typed_kernel import tree
from tests.typecheck.kernels import body, check, codes, types

LOAD = "v = x[tile_m, :].to(torch.float32)\n"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("v.sum(-1)", "f32[tile_m]"),
        ("v.amax(1, keepdim=True)", "f32[tile_m, 1]"),
        ("v[:, None, :]", "f32[tile_m, 1, n]"),
        ("torch.var_mean(v, dim=-1, correction=0)", "(f32[tile_m], f32[tile_m])"),
        ("torch.softmax(v, dim=1)", "f32[tile_m, n]"),
        ("v.T @ v", "f32[n, n]"),
        ("hl.dot(v, v.T)", "f32[tile_m, tile_m]"),
        ("v.argmax(-1)", "i64[tile_m]"),
        ("v > 0", "bool[tile_m, n]"),
        ("torch.where(v > 0, v, 0.0)", "f32[tile_m, n]"),
        ("tile_m.index[:, None]", "i32[tile_m, 1]"),
        ("tile_m + 1", "i32[tile_m]"),
        ("tile_m.begin * 2", "int"),
        ("v.shape", "(int(tile_m), int(n))"),
        ("v.to(x.dtype)", "?[tile_m, n]"),
        ("v if True else 3", "f32[tile_m, n]"),
        ("hl.full([tile_m, 16], 1.5)", "f32[tile_m, 16]"),
        ("v.reshape(tile_m, -1)", "f32[tile_m, n]"),
        ("torch.stack([v, v], dim=0)", "f32[2, tile_m, n]"),
        ("max(3, 4)", "int(4)"),
        ("x[tile_m, 0]", "?[tile_m]"),
        ("x[tile_m, 0:16]", "?[tile_m, 16]"),
    ],
)
def test_type_of_a_device_expression(expression: str, expected: str) -> None:
    kernel = check(body("", f"{LOAD}a = {expression}\nx[tile_m, :] = v"))
    assert codes(kernel) == []
    assert types(kernel)["a"] == expected


@pytest.mark.parametrize(
    ("expression", "expected", "equal"),
    [
        ("torch.where(v > 0, v, bias[:])", "f32[tile_m, n]", [("n", "b")]),
        ("torch.minimum(v, bias[:])", "f32[tile_m, n]", [("n", "b")]),
        ("torch.lerp(v, bias[:], 0.5)", "f32[tile_m, n]", [("n", "b")]),
        ("torch.atan2(v, w[None, :, :])", "f32[1, tile_m, n]", None),
    ],
)
def test_sizes_of_two_names_that_a_torch_call_needs_equal(expression: str, expected: str, equal: list[tuple[str, str]] | None) -> None:
    host = "bias = torch.zeros([b := y.size(0)])"
    kernel = check(body(host, f"{LOAD}w = hl.zeros([tile_m, n])\na = {expression}\nx[tile_m, :] = v"))
    assert codes(kernel) == []
    assert types(kernel)["a"] == expected
    found = {tuple(sorted((str(a.left), str(a.right)))) for a in kernel.assumptions}
    assert found == {tuple(sorted(pair)) for pair in equal or []}


def test_an_inner_loop_carries_its_names() -> None:
    kernel = check(
        body(
            "",
            "top = hl.full([tile_m], float('-inf'))\nfor tile_n in hl.tile(n):\n    top = torch.maximum(top, x[tile_m, tile_n].float().amax(-1))",
        )
    )
    outer = next(s for s in kernel.body if isinstance(s, tree.Loop))
    inner = next(s for s in outer.body if isinstance(s, tree.Loop))
    assert (outer.is_grid, inner.is_grid) == (True, False)
    assert [(b.name, str(b.type)) for b in inner.carried] == [("top", "f32[tile_m]")]


def test_a_loop_that_changes_a_type_is_reported_once() -> None:
    kernel = check(body("", f"{LOAD}for tile_n in hl.tile(n):\n    v = v.sum(-1)\nw = v + 1"))
    assert [code for code, _ in codes(kernel)] == ["loop-carried-type-change"]


def test_a_static_condition_keeps_one_branch() -> None:
    kernel = check(body("mode = 'relu'", f"{LOAD}if mode == 'relu':\n    v = torch.relu(v)\nelse:\n    v = nothing\nx[tile_m, :] = v"))
    assert codes(kernel) == []
    loop = next(s for s in kernel.body if isinstance(s, tree.Loop))
    assert not any(isinstance(s, tree.If) for s in loop.body)


def test_a_runtime_condition_joins() -> None:
    kernel = check(body("", f"{LOAD}if tile_m.begin > 3:\n    w = v\nelse:\n    w = v * 2\nx[tile_m, :] = w"))
    loop = next(s for s in kernel.body if isinstance(s, tree.Loop))
    branch = next(s for s in loop.body if isinstance(s, tree.If))
    assert [(b.name, str(b.type)) for b in branch.merged] == [("w", "f32[tile_m, n]")]


def test_an_optional_parameter_is_checked_both_ways() -> None:
    device = f"{LOAD}if y is not None:\n    v = v + y[:].float()\nelse:\n    v = v * 2\nx[tile_m, :] = v"
    kernel = check(body("", device, "x: torch.Tensor, y: torch.Tensor | None"))
    assert codes(kernel) == []
    assert str(kernel.parameters[1].binding.type) == "?[n] | None"
    given = check(body("", device, "x: torch.Tensor, y: torch.Tensor | None"), "f32[8,16], None")
    loop = next(s for s in given.body if isinstance(s, tree.Loop))
    assert not any(isinstance(s, tree.If) for s in loop.body)


def test_a_branch_on_a_constexpr_left_open_is_no_type_error() -> None:
    kernel = check(body("", f"{LOAD}if flag:\n    w = v.sum(-1)\nelse:\n    w = v\nq = w", "x: torch.Tensor, flag: hl.constexpr"))
    assert codes(kernel) == []
    assert types(kernel)["q"] == "?"


@pytest.mark.parametrize(
    ("loop", "count"),
    [
        ("for i in (1, 2, 3):\n    v = v * i", 3),
        ("for a, b in zip((1, 2), (3.0, 4.0)):\n    v = v * a + b", 2),
        ("for i, w in enumerate([v, v]):\n    v = v * i + w", 2),
    ],
)
def test_static_loops_unroll(loop: str, count: int) -> None:
    kernel = check(body("", f"{LOAD}{loop}\nx[tile_m, :] = v"))
    assert codes(kernel) == []
    outer = next(s for s in kernel.body if isinstance(s, tree.Loop))
    assert sum(isinstance(s, tree.Assign) and s.target.name == "v" for s in outer.body) == count + 1


def test_range_is_a_loop_at_run_time() -> None:
    kernel = check(body("", f"{LOAD}for i in range(m):\n    v = v + i\nx[tile_m, :] = v"))
    outer = next(s for s in kernel.body if isinstance(s, tree.Loop))
    assert [s.is_grid for s in outer.body if isinstance(s, tree.Loop)] == [False]


def test_a_loop_over_something_unknown_is_not_dropped() -> None:
    """The tree must hold something that cannot be lowered, or the loop would silently not run."""
    kernel = check(body("", f"{LOAD}for w in things:\n    v = v + w\nx[tile_m, :] = v", "x: torch.Tensor, things"))
    outer = next(s for s in kernel.body if isinstance(s, tree.Loop))
    assert any(isinstance(s, tree.Evaluate) and isinstance(s.value, tree.Poison) for s in outer.body)


HELPERS = """
def leaky(v, slope=0.0):
    if slope == 0.0:
        return torch.relu(v)
    return torch.where(v > 0, v, (v * slope).sum(-1))


def sometimes(v):
    if v.sum() > 0:
        return v
    return v * 2


"""


def test_a_helper_returns_from_the_branch_that_is_taken() -> None:
    kernel = check(HELPERS + body("", f"{LOAD}v = leaky(v)\nx[tile_m, :] = v"))
    assert codes(kernel) == []
    assert types(kernel)["v"] == "f32[tile_m, n]"


def test_a_return_decided_at_run_time_is_reported() -> None:
    kernel = check(HELPERS + body("", f"{LOAD}v = sometimes(v)\nx[tile_m, :] = v"))
    assert [code for code, _ in codes(kernel)] == ["unsupported-statement"]


def test_a_function_is_handed_to_a_helper() -> None:
    kernel = check(
        "def twice(f, v):\n    return f(f(v))\n\n\n" + body("", f"{LOAD}a = twice(lambda_free, v)", "x: torch.Tensor, lambda_free")
    )
    assert types(kernel)["a"] == "?"
    known = check("def twice(f, v):\n    return f(f(v))\n\n\n" + body("", f"{LOAD}a = twice(torch.exp, v)\nx[tile_m, :] = a"))
    assert types(known)["a"] == "f32[tile_m, n]"


def test_a_module_constant_is_a_bound() -> None:
    kernel = check(
        "N = 128\n\n\n@helion.kernel\ndef kernel(x: torch.Tensor):\n    for tile in hl.tile(N):\n        x[tile] = x[tile] + 1\n    return x\n"
    )
    assert codes(kernel) == []
    assert str(kernel.blocks[0].extent) == "128"
