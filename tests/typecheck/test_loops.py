"""What device loops may not do: unroll over unknown bounds, use each other's tensors, wait in the wrong place, end lane by lane alone."""

from __future__ import annotations

import pytest

from tests.typecheck.kernels import body, check, codes, types

STORE = "x[tile_m, :] = x[tile_m, :] + 1"
_SECOND = "    for t in hl.tile(m):\n        y[t, :] = {0}[t, :]\n    return x\n"


def _two_loops(between: str, read: str) -> str:
    return body("", STORE).replace("    return x\n", between + _SECOND.format(read))


def test_a_loop_cannot_read_what_an_earlier_one_writes() -> None:
    assert codes(check(_two_loops("", "x"))) == [("loop-dependency", "x[t, :]")]


def test_the_fix_puts_a_barrier_between() -> None:
    kernel = check(_two_loops("", "x"))
    (fix,) = kernel.diagnostics[0].fixes()
    (edit,) = fix.edits
    text = kernel.file.text
    fixed = text[: edit.span.start] + edit.new_text + text[edit.span.end :]
    assert "    hl.barrier()\n    for t in" in fixed


def test_loops_may_use_each_others_tensors_after_a_barrier() -> None:
    assert codes(check(_two_loops("    hl.barrier()\n", "x"))) == []


def test_loops_over_other_tensors_need_no_barrier() -> None:
    assert codes(check(_two_loops("", "y"))) == []


def _viewed(view: str, used: str, after: str = "") -> list[tuple[str, str]]:
    """What is wrong with a loop that uses `v`, which is `view`, after one that writes `x`."""
    text = body(f"v = {view}\n{after}", STORE).replace(
        "    return x\n", f"    for t in hl.tile(m):\n        y[t, :] = {used}\n    return x\n"
    )
    return codes(check(text, "f32[64, 128], f32[64, 128]"))


@pytest.mark.parametrize(
    ("view", "used"),
    [
        ("x", "v[t, :]"),
        ("x.view(-1, m)", "v[:, t].T"),
        ("x.unsqueeze(0).mT", "v[0, :, t].T"),
        ("torch.transpose(x, 0, 1)", "v[:, t].T"),
        ("x.view(-1).reshape(m, n)", "v[t, :]"),
    ],
)
def test_a_view_of_a_tensor_is_the_tensor(view: str, used: str) -> None:
    assert _viewed(view, used) == [("loop-dependency", used.removesuffix(".T"))]


@pytest.mark.parametrize("after", ["x = torch.empty_like(x)", "v = y.view(m, n)", "if y.sum().item() > 0:\n    v = torch.empty_like(x)"])
def test_a_name_that_is_given_to_another_tensor_is_that_one(after: str) -> None:
    assert _viewed("x.view(m, n)", "v[t, :]", after) == []


def test_parts_of_a_tensor_may_have_no_element_in_common() -> None:
    assert _viewed("x[:, :]", "v[t, :]") == []
    assert _viewed("x.t().reshape(m, n)", "v[t, :]") == []  # a copy


@pytest.mark.parametrize(
    ("host", "device"), [("hl.barrier()", STORE), ("", f"hl.barrier()\n{STORE}"), ("if m > 2:\n    hl.barrier()", STORE)]
)
def test_a_barrier_stands_between_loops(host: str, device: str) -> None:
    assert codes(check(body(host, device))) == [("misplaced-barrier", "hl.barrier()")]


def test_a_static_range_needs_constants() -> None:
    text = body("", f"for i in hl.static_range(times):\n    a = i\n{STORE}", "x: torch.Tensor, y: torch.Tensor, times: int")
    assert codes(check(text)) == [("static-range-not-constant", "times")]


def test_a_static_range_gives_constants() -> None:
    kernel = check(body("", f"for i in hl.static_range(1, 7, 3):\n    a = i\n{STORE}"))
    assert codes(kernel) == []
    assert types(kernel)["a"] == "int(4)"


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ("for t in hl.jagged_tile(y):\n    a = x[tile_m, t]", "y"),
        ("for t in hl.jagged_tile(x[tile_m, 0].to(torch.int32)):\n    a = x[0, t]", "x[0, t]"),
        ("for t in hl.jagged_tile(x[tile_m, :].to(torch.int32)):\n    a = x[tile_m, t]", "x[tile_m, :].to(torch.int32)"),
    ],
)
def test_a_jagged_tile_needs_the_end_of_each_lane(loop: str, expected: str) -> None:
    assert codes(check(body("", f"{loop}\n{STORE}"))) == [("jagged-tile-misuse", expected)]


def test_a_jagged_tile_beside_its_lanes() -> None:
    kernel = check(
        body("", f"for t in hl.jagged_tile(x[tile_m, 0].to(torch.int32)):\n    a = x[tile_m, t]\n{STORE}"), "f32[64, 128], f32[64, 128]"
    )
    assert codes(kernel) == []
    assert types(kernel)["a"] == "f32[tile_m, t]"


def test_a_dict_has_the_keys_it_was_made_with() -> None:
    assert codes(check(body("", f"d = {{'a': x[tile_m, :]}}\nb = d['c']\n{STORE}"))) == [("invalid-index", "'c'")]


def test_a_name_first_assigned_in_a_loop_is_known_after_it() -> None:
    kernel = check(body("", f"for t in hl.tile(n):\n    last = x[tile_m, t].sum(-1)\nb = last * 2\n{STORE}"), "f32[64, 128], f32[64, 128]")
    assert codes(kernel) == []
    assert types(kernel)["b"] == "f32[tile_m]"


def test_a_name_with_a_dimension_of_the_loop_is_not() -> None:
    kernel = check(body("", f"for t in hl.tile(n):\n    last = x[tile_m, t]\nb = last * 2\n{STORE}"))
    assert codes(kernel) == [("undefined-name", "last")]


def test_a_host_int_that_changes_keeps_its_values_apart() -> None:
    kernel = check(body("k = x.stride(0)\na = torch.empty([k])\nk = y.stride(0)\nb = torch.empty([k])", STORE))
    assert types(kernel)["a"] != types(kernel)["b"]


def test_nested_loops_need_block_sizes_of_their_own() -> None:
    kernel = check(
        body(
            "b = hl.register_block_size(64)",
            f"for t in hl.tile(n, block_size=b):\n    for u in hl.tile(n, block_size=b):\n        a = u.begin\n{STORE}",
        )
    )
    assert codes(kernel) == [("nested-loops-share-block-size", "hl.tile(n, block_size=b)")]


def test_loops_that_store_nothing() -> None:
    assert [code for code, _ in codes(check(body("", "a = x[tile_m, :] + 1")))] == ["loop-without-effect"]


@pytest.mark.parametrize("branch", ["if a > 0:\n    a = a + 1", "while a > 0:\n    a = a - 1", "a = a if a > 0 else -a"])
def test_a_branch_needs_one_truth_value(branch: str) -> None:
    kernel = check(body("", f"a = x[tile_m, 0]\n{branch}\n{STORE}"), "f32[64, 128], f32[64, 128]")
    assert codes(kernel) == [("condition-not-scalar", "a > 0")]


def test_several_targets_and_starred_ones() -> None:
    kernel = check(body("", f"a = b = x[tile_m, :]\nc, *d = (a, b, 1)\n{STORE}"), "f32[64, 128], f32[64, 128]")
    assert codes(kernel) == []
    assert (types(kernel)["b"], types(kernel)["d"]) == ("f32[tile_m, 128]", "[f32[tile_m, 128], int(1)]")


def test_host_lists_are_followed() -> None:
    kernel = check(
        body("outs = []\nfor i in range(3):\n    outs.append(torch.empty_like(x))\na, b, c = outs\nouts[0] = 1", STORE),
        "f32[64, 128], f32[64, 128]",
    )
    assert types(kernel)["c"] == "f32[64, 128]"
    assert types(kernel)["outs"] == "[int(1), f32[64, 128], f32[64, 128]]"


def test_a_list_changed_in_a_loop_of_unknown_length_is_not() -> None:
    kernel = check(body("outs = []\nfor i in range(m):\n    outs.append(x)\nb = outs", STORE))
    assert types(kernel)["b"] == "?"


@pytest.mark.parametrize("condition", ["not a", "a and m > 2", "a or m < 2"])
def test_truth_of_many_values_has_no_meaning(condition: str) -> None:
    kernel = check(body("", f"a = x[tile_m, 0] > 0\nb = 1 if {condition} else 2\n{STORE}"), "f32[64, 128], f32[64, 128]")
    assert [code for code, _ in codes(kernel)][:1] == ["condition-not-scalar"]


def test_a_list_of_device_code_grows() -> None:
    kernel = check(
        body("", f"parts = [x[tile_m, 0]]\nparts.append(x[tile_m, 1])\nparts.extend(parts)\nb = parts\n{STORE}"),
        "f32[64, 128], f32[64, 128]",
    )
    assert codes(kernel) == []
    assert types(kernel)["b"] == "[f32[tile_m], f32[tile_m], f32[tile_m], f32[tile_m]]"


@pytest.mark.parametrize(("host", "change"), [("", "parts.pop()"), ("", "parts.insert(0, a)"), ("parts = []", "parts.append(a)")])
def test_other_changes_of_a_list_are_refused_in_device_code(host: str, change: str) -> None:
    made = "" if host else "parts = [x[tile_m, 0]]\n"
    kernel = check(body(host, f"{made}a = x[tile_m, 1]\n{change}\n{STORE}"), "f32[64, 128], f32[64, 128]")
    assert codes(kernel) == [("unsupported-statement", change)]
