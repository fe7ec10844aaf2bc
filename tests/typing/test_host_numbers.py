"""Numbers that the host computes from sizes: unknown in the editor and taken as bounds there, in a call what Python says they are."""

from __future__ import annotations

import inspect
import math
from typing import Any

import pytest
import torch

import helion
from helion.settings import Settings
from helion.signatures.from_arguments import signature_from_arguments
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.typecheck.check import check_kernel
from helion.typecheck.global_names import FileGlobals
from helion.typed_kernel.queries import bindings
from helion.typed_kernel.tree import TypedKernel
from helion.types.types import NumberType, Region
from tests.typecheck.kernels import HEAD, check
from tests.typing.agreement import disagreements

# What gives `k` a value, of `m, n = x.size()`.
COMPUTED = [
    "k = int(math.log2(n)) + 1",
    "k = n",
    "k = n // 16",
    "k = -(-n // 24)",
    "k = n % 7",
    "k = n >> 4",
    "k = 1 << (n // 32)",
    "k = (n // 32) | 1",
    "k = (n // 32) ^ 1",
    "k = n & 65",
    "k = -~n",
    "k = 2 ** (n // 32)",
    "k = 2 ** int(math.log2(n))",
    "k = pow(n, 2, 5)",
    "k = min(n, 4)",
    "k = max([n // 32, 3])",
    "k = min(x.shape)",
    "k = int(min(n / 16, 3.0))",
    "k = sum([m, n]) // 20",
    "k = math.prod(x.size()) // 200",
    "k = sorted([n // 16, 3])[0]",
    "k = divmod(n, 10)[1]",
    "k, _ = divmod(n, 10)",
    "k = abs(n - 70)",
    "k = round(n / 24)",
    "k = int(round(math.sqrt(n), 1))",
    "k = math.ceil(n / 24)",
    "k = math.floor(math.log(n, 3))",
    "k = math.trunc(n / 10)",
    "k = math.isqrt(n)",
    "k = math.gcd(n, 24)",
    "k = math.comb(n // 16, 2)",
    "k = math.frexp(n)[1]",
    "k = int(math.modf(n / 10)[1])",
    "k = n.bit_length()",
    "k = (n - 1).bit_count()",
    "k = int(float(n) * 0.1)",
    "k = int(n > 3) + (m > 3)",
    "k = len(x) // 2",
    "k = len(x.shape)",
    "k = x.dim()",
    "k = x.numel() // 128",
    "k = x.stride(0) // 16",
    "k = x.stride()[0] // 16",
    "k = x.element_size()",
    "k = x.dtype.itemsize",
    "k = torch.finfo(x.dtype).bits // 8",
    "k = helion.cdiv(n, 20)",
    "k = helion.next_power_of_2(n) // 16",
    "k = 4 if n > 32 else 2",
    "k = 3 if (n / 16).is_integer() else 2",
    "k = n and 3",
    "k = 2\nif n > 32:\n    k = 4",
    "k = steps_of(n)",
    "k = branching_of(n)",
    "k = 0\nfor j in range(n // 16):\n    k += j",
]
# What no specialization knows of a call: `times` is an int that it gives.
READ = ["k = times", "k = int(math.log2(times)) + n", "k = int((x > 3).sum().item())", "k = n\nif times > 3:\n    k = 2"]

HELPERS = """
def steps_of(n):
    return int(math.log2(n))


def branching_of(n):
    if n > 32:
        return 4
    return 2
"""


def kernel(host: str, use: str) -> str:
    """A kernel that computes `k` on the host and uses it in a loop over rows."""
    return f"""{HELPERS}
@helion.kernel
def kernel(x: torch.Tensor, times: int):
    m, n = x.size()
    {host.replace(chr(10), chr(10) + "    ")}
    for tile in hl.tile(m):
        v = x[tile, :]
        {use}
        x[tile, :] = v
"""


def called(text: str, *, static_shapes: bool = True) -> TypedKernel:
    """The kernel as it is checked for a call with 8 rows of 64."""
    module = parse_module(SourceFile("kernel.py", HEAD + text))
    signature = inspect.signature(lambda x, times: None)
    types = signature_from_arguments(signature, (torch.zeros(8, 64), 9), static_shapes=static_shapes)
    return check_kernel(module.kernels[0], types, FileGlobals(module), Settings(static_shapes=static_shapes))


BOUND = "for i in hl.static_range(k):\n            v = v + i"


def in_python(host: str) -> Any:
    """What Python gives `k` in a call with 8 rows of 64."""
    names: dict[str, Any] = {"math": math, "torch": torch, "helion": helion, "x": torch.zeros(8, 64), "m": 8, "n": 64}
    exec(HELPERS + host, names)
    return names["k"]


def rounds_of(found: TypedKernel) -> list[str]:
    return [str(binding.type) for binding in bindings(found) if binding.name == "i"]


@pytest.mark.parametrize("host", COMPUTED)
def test_a_call_counts_as_python_does(host: str) -> None:
    found = called(kernel(host, BOUND))
    assert not found.diagnostics
    assert rounds_of(found) == [f"int({i})" for i in range(in_python(host))]


@pytest.mark.parametrize("host", COMPUTED)
def test_the_editor_takes_it_for_a_bound(host: str) -> None:
    found = check(kernel(host, BOUND))
    assert not found.diagnostics
    assert rounds_of(found) in (["int"], [f"int({i})" for i in range(in_python(host))])


@pytest.mark.parametrize("host", COMPUTED)
def test_editor_and_call_agree_on_it(host: str) -> None:
    use = "v = v + k"
    found = list(disagreements(check(kernel(host, use)), called(kernel(host, use))))
    assert [problem for problem in found if "`k`" in problem or "range" not in host] == []


@pytest.mark.parametrize("host", READ)
def test_what_is_read_or_given_is_no_bound(host: str) -> None:
    for found in (check(kernel(host, BOUND)), called(kernel(host, BOUND))):
        assert [d.code for d in found.diagnostics] == ["static-range-not-constant"]


@pytest.mark.parametrize("host", ["k = n", "k = n.bit_length()", "k = 4 if n > 32 else 2"])
def test_where_sizes_are_arguments_they_are_asked_for_first(host: str) -> None:
    assert [d.code for d in called(kernel(host, BOUND), static_shapes=False).diagnostics] == ["static-range-not-constant"]
    found = called(kernel(f"hl.specialize(n)\n{host}", BOUND), static_shapes=False)
    assert not found.diagnostics
    assert rounds_of(found) == [f"int({i})" for i in range(in_python(host))]


@pytest.mark.parametrize(
    "use",
    [
        "v = v + hl.arange(1 << (n - 1).bit_length())",
        "v = v + (x, x, x, x, x, x, x)[k][tile, :]",
        "v = v + v.sum(k - 5)[:, None]",
        "v = v + x[tile, k : n : int(math.sqrt(n)) // 2].sum(-1)[:, None]",
        "for t in hl.tile(n, block_size=2 ** int(math.log2(n) / 2)):\n            v = v + x[tile, t].sum(-1)[:, None]",
        "v = v + (v.sum(-1)[:, None] if n > 32 else v.to(torch.float64))",
    ],
)
def test_what_must_be_constant_may_be_told_by_sizes(use: str) -> None:
    text = kernel("k = int(math.log2(n))", use)
    assert not check(text).diagnostics
    assert not check(text, "f32[8,64], int").diagnostics


def test_a_branch_by_sizes_keeps_one_side() -> None:
    use = "w = v.sum(-1)\n        if n < 32:\n            w = v\n        v = v + 1"
    found = check(kernel("k = n", use))
    assert not found.diagnostics and not found.assumptions


def test_what_is_specialized_bakes_what_tells_it() -> None:
    text = kernel("k = hl.specialize(int(math.log2(times)) + n // 32)", BOUND)
    for found in (check(text), called(text), called(text, static_shapes=False)):
        assert not found.diagnostics
    assert rounds_of(found) == [f"int({i})" for i in range(5)]
    found = check(kernel("k = hl.specialize(int((x > 3).sum().item()))", BOUND))
    assert [d.code for d in found.diagnostics] == ["tile-misuse", "static-range-not-constant"]


def test_what_tells_a_number_is_no_part_of_its_type() -> None:
    assert NumberType(int, None, Region.HOST, told_by=frozenset()) == NumberType(int)
