"""Assembly and Triton inside kernels: what they give, and what is wrong with those that cannot be written."""

from __future__ import annotations

import pytest

import helion.language as hl
from helion.ops.triton_text import Definitions
from helion.typed_kernel import tree
from helion.typed_kernel.queries import walk
from helion.types.types import UserFunctionType
from tests.typecheck.kernels import check, codes, types

KERNEL = """
import triton

@triton.jit
def plus_one(x):
    return plus(x, 1)

def plus(x, y):
    return x + y

@triton.jit
def endless(x):
    return endless(x)

@helion.kernel
def kernel(x: torch.Tensor, text: str):
    m, n = x.size()
    for tile in hl.tile(m):
        a = x[tile, :]
        {statement}
        x[tile, :] = a
    return x
"""
SIGNATURE = "f32[16, 12], 'text'"
ASM = "hl.inline_asm_elementwise('mov.b32 $0, $1;', '=r,r', {args}, dtype={dtype}, is_pure={pure}, pack={pack})"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ASM.format(args="[a]", dtype="torch.int32", pure="True", pack="1"), "i32[tile, 12]"),
        (ASM.format(args="[a, 1]", dtype="(torch.int32, torch.float32)", pure="True", pack="2"), "(i32[tile, 12], f32[tile, 12])"),
        ("hl.inline_triton('{0} + 1', args=[a], output_like=a)", "f32[tile, 12]"),
        ("hl.inline_triton('{v}, {v}', args={'v': a}, output_like=(a, a.sum(1)))", "(f32[tile, 12], f32[tile])"),
        ("hl.triton_kernel(plus_one, args=[a], output_like=a)", "f32[tile, 12]"),
        ("hl.triton_kernel('plus_one', args=[a], output_like=a)", "f32[tile, 12]"),
        ("hl.triton_kernel('def f(x):\\n    return x', args=[a], output_like=a)", "f32[tile, 12]"),
    ],
)
def test_types(value: str, expected: str) -> None:
    kernel = check(KERNEL.replace("{statement}", f"v = {value}"), SIGNATURE)
    assert codes(kernel) == []
    assert types(kernel)["v"] == expected


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (ASM.format(args="a", dtype="torch.int32", pure="True", pack="1"), "args must be a list"),
        (ASM.format(args="[a]", dtype="'f32'", pure="True", pack="1"), "dtype must be a dtype"),
        (ASM.format(args="[a]", dtype="torch.int32", pure="1", pack="1"), "is_pure must be True or False"),
        (ASM.format(args="[a]", dtype="torch.int32", pure="True", pack="0"), "pack must be a positive constant"),
        ("hl.inline_triton(3, args=[a], output_like=a)", "the source must be a literal string"),
        ("hl.inline_triton('{0}', args=a, output_like=a)", "args must be a list or a dict"),
        ("hl.inline_triton('{0}', args=[tile], output_like=a)", "argument 0 cannot be tile"),
        ("hl.inline_triton('{1}', args=[a], output_like=a)", "placeholder"),
        ("hl.inline_triton('{b}', args={'v': a}, output_like=a)", "placeholder {b}"),
        ("hl.inline_triton('v = {0}', args=[a], output_like=a)", "the last statement must be an expression"),
        ("hl.inline_triton('v = = {0}', args=[a], output_like=a)", "is not Python"),
        ("hl.inline_triton('{0}, {0}', args=[a], output_like=a)", "gives 2 results"),
        ("hl.inline_triton('{0}, {0}, {0}', args=[a], output_like=(a, a))", "gives 3 results"),
        ("hl.inline_triton('{0}', args=[a], output_like=3)", "output_like must be a value"),
        ("hl.triton_kernel('minus_one', args=[a], output_like=a)", "no function `minus_one`"),
        ("hl.triton_kernel('x = 1', args=[a], output_like=a)", "exactly one function"),
        ("hl.triton_kernel('def f(x): return x\\ndef g(x): return x', args=[a], output_like=a)", "exactly one function"),
        ("hl.triton_kernel(endless, args=[a], output_like=a)", "calls itself"),
        ("hl.triton_kernel(7, args=[a], output_like=a)", "must be a Triton function"),
    ],
)
def test_mistakes(value: str, why: str) -> None:
    (problem,) = check(KERNEL.replace("{statement}", f"v = {value}"), SIGNATURE).diagnostics
    assert (problem.code, problem.exception) == ("invalid-argument", "InvalidAPIUsage")
    assert why in problem.message()


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("print()", "prints a literal string"),
        ("print(a)", "the first argument must be a literal string"),
        ("print('a', 'b')", "values are printed"),
        ("print('a', a, end='')", "no options"),
        ("hl.device_print(text + '!', a)", "the first argument must be a literal string"),
        ("breakpoint(header='x')", "takes no arguments"),
    ],
)
def test_what_is_printed(call: str, why: str) -> None:
    (problem,) = check(KERNEL.replace("{statement}", call), SIGNATURE).diagnostics
    assert problem.code == "invalid-argument"
    assert why in problem.message()


def test_the_text_of_a_file_says_what_a_function_reads() -> None:
    """The editor's names, which run nothing, are enough to write a function with what it calls and the constants it reads."""
    text = KERNEL.replace("def plus(x, y):\n    return x + y", "SCALE = tl.constexpr(3)\n\ndef plus(x, y):\n    return x + y * SCALE")
    kernel = check(text.replace("{statement}", "v = hl.triton_kernel(plus_one, args=[a], output_like=a)"), SIGNATURE)
    call = next(e for e in walk(kernel) if isinstance(e, tree.Call) and e.target is hl.triton_kernel)
    function = call.args[0].type
    assert isinstance(function, UserFunctionType)
    definitions = Definitions()
    name = definitions.add(function)
    callee, caller = definitions.functions
    assert callee[-1].strip() == "return x + y * 3"
    assert caller[1].startswith(f"def {name}(")
    assert caller[-1].strip() == f"return {callee[1].removeprefix('def ').split('(')[0]}(x, 1)"
