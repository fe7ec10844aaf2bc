"""Which functions are kernels: every way to import and spell the decorator, everywhere a function may stand."""

from __future__ import annotations

import pytest

import helion
from helion.signatures.written_settings import settings_as_written
from helion.source import SourceFile
from helion.syntax.parse import STAR_NAMES, parse_module
from helion.syntax.tree import KernelSyntax
from helion_codemods.commands.lock import lock_config
from helion_codemods.outcome import Refused

BODY = "def kernel(x):\n    return x\n"


def kernels(text: str) -> tuple[KernelSyntax, ...]:
    return parse_module(SourceFile("kernel.py", text)).kernels


@pytest.mark.parametrize(
    ("imports", "decorator"),
    [
        ("import helion", "helion.kernel"),
        ("import helion", "helion.jit"),
        ("import helion", "helion.kernel()"),
        ("import helion", "helion.kernel(config=helion.Config(block_sizes=[64]), static_shapes=False)"),
        ("import helion as h", "h.kernel"),
        ("import helion as h", "h.kernel()"),
        ("import helion.language as hl, helion", "helion.kernel"),
        ("import helion.language", "helion.kernel"),
        ("from helion import kernel", "kernel"),
        ("from helion import kernel as k", "k"),
        ("from helion import jit as k", "k(static_shapes=False)"),
        ("from helion import (\n    kernel as k,\n    Config,\n)", "k(config=Config())"),
        ("from helion import runtime", "runtime.kernel"),
        ("from helion.runtime import kernel", "kernel"),
        ("import helion.runtime as rt", "rt.kernel()"),
        ("import helion", "helion.runtime.kernel"),
        ("import helion\nkernel_ = helion.kernel", "kernel_"),
        ("import helion as h\nmod = h\nk = mod.jit", "k()"),
        ("try:\n    import helion\nexcept ImportError:\n    helion = None", "helion.kernel"),
        ("try:\n    import nothing as helion\nexcept ImportError:\n    import helion", "helion.kernel"),
        ("if True:\n    import helion", "helion.kernel"),
        ("with open('x'):\n    import helion", "helion.kernel"),
        ("from helion import *", "kernel"),
        ("import os\nfrom helion import *", "jit(static_shapes=False)"),
        ("import helion", "(helion.kernel)"),
    ],
)
def test_is_a_kernel(imports: str, decorator: str) -> None:
    (kernel,) = kernels(f"{imports}\n\n@{decorator}\n{BODY}")
    assert kernel.decorator is not None
    assert kernel.file.text_of(kernel.decorator.span) == decorator.removeprefix("(").removesuffix(")" if decorator[0] == "(" else "")
    assert (kernel.decorator.call is not None) == (decorator.endswith(")") and decorator[0] != "(")


def test_a_star_import_binds_what_the_package_says() -> None:
    assert sorted(STAR_NAMES) == sorted(helion.__all__)


IN_FUNCTIONS = """
def first():
    from helion import kernel as k, Config

    @k
    def one(x):
        return x


class Second:
    def method(self):
        from helion import kernel as k

        @k
        def two(x):
            return x


def third():
    import helion

    def plain(x):
        return x

    made = helion.kernel(fn=plain, static_shapes=False)
    return made


@k
def none(x):
    return x
"""


def test_imports_of_the_functions_around_a_kernel_count_where_they_stand() -> None:
    module = parse_module(SourceFile("kernel.py", IN_FUNCTIONS))
    found = {kernel.qualname: kernel for kernel in module.every_kernel}
    assert set(found) == {"first.one", "Second.method.two", "third.made"}
    assert set(found["first.one"].imports) == {"k", "Config"}
    assert set(found["Second.method.two"].imports) == {"k"}
    assert found["third.made"].function.name == "plain"


def test_an_import_of_the_top_level_is_not_hidden_by_that_of_a_function() -> None:
    module = parse_module(SourceFile("kernel.py", "import torch as k\n" + IN_FUNCTIONS))
    assert module.imports["k"].module == "torch"


@pytest.mark.parametrize(
    ("imports", "decorator"),
    [
        ("import helion", "kernel"),
        ("", "helion.kernel"),
        ("import triton", "triton.jit"),
        ("from triton import jit", "jit"),
        ("from numba import jit", "jit(nopython=True)"),
        ("from .helion import kernel", "kernel"),
        ("import helionx as helion", "helion.kernel"),
        ("import helion", "helion.kernels"),
        ("import helion", "helion.kernel().other"),
        ("import helion", "wrap(helion.kernel)"),
        ("import helion\na = b\nb = a", "a"),
    ],
)
def test_is_no_kernel(imports: str, decorator: str) -> None:
    assert kernels(f"{imports}\n\n@{decorator}\n{BODY}") == ()


def test_stacked_decorators() -> None:
    (kernel,) = kernels("import helion\n@first\n@helion.kernel(\n    static_shapes=False,\n)\n@last(1)\n" + BODY)
    assert kernel.decorator is not None
    assert list(kernel.decorator.keywords) == ["static_shapes"]
    assert kernel.file.text_of(kernel.function.name_span) == "kernel"
    assert kernel.file.text_of(kernel.function.span).startswith("def kernel")


def test_one_kernel_though_decorated_twice() -> None:
    assert len(kernels("import helion\n@helion.kernel\n@helion.jit\n" + BODY)) == 1


PLACES = """
import helion
@helion.kernel
def top(x): return x
class Outer:
    @helion.kernel
    def method(x): return x
    class Inner:
        @staticmethod
        @helion.kernel()
        def deep(x): return x
def function():
    if flag:
        @helion.kernel
        def nested(x): return x
async def later():
    @helion.kernel
    def awaited(x): return x
if flag:
    @helion.kernel
    def under_if(x): return x
elif other:
    @helion.kernel
    def under_elif(x): return x
else:
    @helion.kernel
    def under_else(x): return x
try:
    @helion.kernel
    def under_try(x): return x
except ImportError:
    @helion.kernel
    def under_except(x): return x
else:
    pass
finally:
    @helion.kernel
    def under_finally(x): return x
with context:
    for i in y:
        while True:
            @helion.kernel
            def under_loops(x): return x
match value:
    case 1:
        @helion.kernel
        def under_case(x): return x
"""


def test_kernels_are_found_everywhere_in_order() -> None:
    assert [kernel.qualname for kernel in kernels(PLACES)] == [
        "top",
        "Outer.method",
        "Outer.Inner.deep",
        "function.nested",
        "later.awaited",
        "under_if",
        "under_elif",
        "under_else",
        "under_try",
        "under_except",
        "under_finally",
        "under_loops",
        "under_case",
    ]


@pytest.mark.parametrize("text", ["def  kernel (x): pass", "def \\\n kernel(x): pass", "def\tkernel(x): pass", "def ker\u212bel(x): pass"])
def test_the_span_of_a_name(text: str) -> None:
    """The last one is written with a sign that Python reads as another letter."""
    (kernel,) = kernels("import helion\n@helion.kernel\n" + text)
    assert kernel.file.text_of(kernel.function.name_span).startswith("ker")
    assert kernel.file.text_of(kernel.function.name_span).endswith("el")


SHARED = """
import functools
import helion
from functools import partial as half

mine = functools.partial(helion.kernel, static_shapes=False)
halved = half(helion.jit)
waiting = helion.kernel(static_shapes=False)
twice = functools.partial(helion.kernel)
twice = functools.partial(len)

def make(fn, **options):
    return helion.kernel(fn, static_shapes=False, **options)

def keep(fn):
    return helion.kernel(fn)

def other(fn, x):
    return helion.kernel(x)

@mine(config=None)
def one(x): ...

@halved
def two(x): ...

@waiting
def three(x): ...

@make
def four(x): ...

@twice
def no(x): ...

@other
def nor(x): ...

def plain(x): ...

five = make(plain, config=None)
six = keep(plain)
seven = waiting(plain)
eight = mine(plain)
nothing = other(plain)
"""


def test_what_makes_kernels_for_the_file_is_followed() -> None:
    module = parse_module(SourceFile("kernel.py", SHARED))
    found = {kernel.qualname: kernel for kernel in module.every_kernel}
    assert list(found) == ["one", "two", "three", "four", "five", "six", "seven", "eight"]
    fixed = [name for name, kernel in found.items() if kernel.decorator is not None and kernel.decorator.is_fixed]
    assert fixed == ["three", "four", "six", "seven"]
    assert list(found["one"].keywords) == list(found["five"].keywords) == ["config"]


def test_shared_settings_count() -> None:
    module = parse_module(SourceFile("kernel.py", SHARED))
    shared = {kernel.qualname for kernel in module.every_kernel if not settings_as_written(kernel).static_shapes}
    assert shared == {"one", "three", "four", "five", "seven", "eight"}


def test_a_codemod_leaves_options_that_several_kernels_may_share() -> None:
    outcome = lock_config(SHARED, "three", device="sm_90", signature=None, config={"num_warps": 8})
    assert isinstance(outcome, Refused)
    assert outcome.reason == ("the options of `three` stand in the call at line 8, which may be of several kernels; give it one of its own")
