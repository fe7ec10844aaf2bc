"""Functions of the user's that the host calls: their results have types; nothing inside them is a mistake of the kernel's."""

from __future__ import annotations

import pytest

from tests.typecheck.kernels import body, check, codes, types

FUNCTIONS = """
def rows(t, k):
    \"\"\"A view and its length.\"\"\"
    n = t.numel() // k
    if k > 3:
        return t.view(n, k), n
    return t, 1


def sizes(t):
    m, n = t.shape
    return [m, n]


def either(t, m):
    if m > 3:
        return t
    else:
        return t.float()


def first(t, m):
    for i in range(m):
        return t
    return t.T


def counted(t):
    n = int(t.sum().item())
    return torch.empty(n)


def odd(t):
    with open(t) as f:
        f.read()
    nonsense(t)
    return t[0]


def endless(t):
    return endless(t)


"""
STORE = "x[tile_m, :] = x[tile_m, :]"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("rows(torch.zeros(m, 4), 4)[0]", "f32[m, 4]"),
        ("rows(x, 2)", "(?[m, n], int(1))"),
        ("sizes(x)", "[int(m), int(n)]"),
        ("either(x, m)", "?[m, n]"),
        ("first(x, m)", "?"),
        ("counted(x)", "?"),
        ("odd(x)", "?[n]"),
        ("(lambda t: t.T)(x)", "?[n, m]"),
    ],
)
def test_the_result_of_a_function(call: str, expected: str) -> None:
    kernel = check(FUNCTIONS + body(f"a = {call}", STORE))
    assert codes(kernel) == []
    assert types(kernel)["a"] == expected


def test_locals_of_a_function_are_not_the_kernels() -> None:
    kernel = check(FUNCTIONS + body("n2 = sizes(x)[1]\nz = n2 + n", STORE))
    assert types(kernel)["z"] == "int(2*n)"
    assert "t" not in types(kernel)


def test_recursion_ends() -> None:
    assert types(check(FUNCTIONS + body("a = endless(x)", STORE)))["a"] == "?"
