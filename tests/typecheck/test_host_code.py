"""Host statements: sizes are computed with, control flow never gives a wrong value."""

from __future__ import annotations

import pytest

from tests.typecheck.kernels import body, check, codes, types

STORE = "x[tile_m, :] = x[tile_m, :]"


@pytest.mark.parametrize(
    ("statement", "name", "expected"),
    [
        ("a = m * n", "a", "int(m*n)"),
        ("a = x.numel() // n", "a", "int(m)"),
        ("a = helion.cdiv(256, 128)", "a", "int(2)"),
        ("a = math.sqrt(16)", "a", "float(4.0)"),
        ("a = x.shape[-1]", "a", "int(n)"),
        ("a = x.T", "a", "?[n, m]"),
        ("a = x.view(n, m)", "a", "?[n, m]"),
        ("a = x.float().unsqueeze(0)", "a", "f32[1, m, n]"),
        ("a = x > 0", "a", "bool[m, n]"),
        ("a = torch.empty([m, 4 * n], dtype=torch.bfloat16)", "a", "bf16[m, 4*n]"),
        ("a = x.new_zeros(m)", "a", "?[m]"),
        ("a = torch.promote_types(torch.float16, torch.bfloat16)", "a", "dtype(f32)"),
        ("a = torch.promote_types(x.dtype, torch.bfloat16)", "a", "dtype(?)"),
        ("a = [s + 1 for s in x.size()]", "a", "[int(m + 1), int(n + 1)]"),
        ("a = [i for i in range(4) if i % 2 == 0]", "a", "[int(0), int(2)]"),
        ("a = tuple(zip((1, 2), ('p', 'q')))", "a", "((int(1), 'p'), (int(2), 'q'))"),
        ("a = {'p': m}['p']", "a", "int(m)"),
        ("a = x.dim()", "a", "int(2)"),
        ("a, *b = x.size()", "a", "int(m)"),
    ],
)
def test_type_of_a_host_expression(statement: str, name: str, expected: str) -> None:
    kernel = check(body(statement, STORE))
    assert types(kernel)[name] == expected
    assert codes(kernel) == []


def test_a_product_with_bf16_is_not_taken_for_f32() -> None:
    """f16 and f32 alone as carriers would say that bf16 with anything is f32."""
    kernel = check(body("z = torch.empty([m, n], dtype=torch.bfloat16)", "a = x[tile_m, :] * z[tile_m, :]\nx[tile_m, :] = a"))
    assert types(kernel)["a"] == "?[tile_m, n]"


def test_a_number_assigned_in_a_host_loop_has_no_value() -> None:
    kernel = check(body("total = 1\nfor i in range(m):\n    total = total * 2\nz = torch.empty([total])", STORE))
    assert types(kernel)["z"] == "f32[total_1]"


def test_a_number_that_differs_between_host_branches_has_no_value() -> None:
    kernel = check(body("if m > 3:\n    a = 1\nelse:\n    a = 2\nz = torch.empty([a])", STORE))
    assert types(kernel)["z"] == "f32[a]"


def test_after_a_branch_that_returns_the_other_holds() -> None:
    kernel = check(body("a = 1\nif m > 3:\n    a = 2\n    return x\nb = a", STORE))
    assert types(kernel)["b"] == "int(1)"


def test_an_assert_unifies_sizes_without_an_assumption() -> None:
    kernel = check(body("m2, k = y.size()\nassert m == m2 and n == k", STORE))
    assert [str(p.binding.type) for p in kernel.parameters] == ["?[m, n]", "?[m, n]"]
    assert kernel.assumptions == ()


def test_an_assert_in_a_branch_says_nothing() -> None:
    kernel = check(body("m2, k = y.size()\nif m > 3:\n    assert m == m2", STORE))
    assert str(kernel.parameters[1].binding.type) == "?[m2, k]"


def test_sizes_that_broadcast_are_assumed_equal() -> None:
    kernel = check(body("m2, k = y.size()", "a = x[tile_m, :] + y[tile_m, :]\nx[tile_m, :] = a"))
    assert [(str(a.left), str(a.right)) for a in kernel.assumptions] == [("n", "k")]
    assert types(kernel)["a"] == "?[tile_m, n]"
