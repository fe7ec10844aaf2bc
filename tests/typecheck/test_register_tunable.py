"""What registering a tunable is, as a type and as a mistake."""

from __future__ import annotations

import pytest

from helion import compiler
from helion.config.tunables import name_conflicts
from helion.settings import Settings
from helion.signatures.infer import infer_signature
from helion.source import SourceFile
from helion.typecheck.global_names import FileGlobals
from tests.typecheck.kernels import HEAD, body, check, codes, types

FRAGMENTS = "from helion.config.fragments import BooleanFragment, EnumFragment, IntegerFragment, PowerOfTwoFragment\n"
KEEP = "x[tile_m, :] = x[tile_m, :]"


def test_types() -> None:
    host = """
splits = hl.register_tunable("splits", PowerOfTwoFragment(1, 8))
block = helion.next_power_of_2(helion.cdiv(n, splits))
scale = hl.register_tunable("scale", EnumFragment([1.0, 2]))
is_exact = hl.register_tunable("is_exact", BooleanFragment())
"""
    kernel = check(FRAGMENTS + body(host, KEEP))
    assert codes(kernel) == []
    found = types(kernel)
    assert [found[name] for name in ("splits", "block", "scale", "is_exact")] == [
        "int(splits)",
        "int(next_power_of_2((n + splits - 1)//splits))",
        "float(scale)",
        "bool(is_exact)",
    ]
    assert [tunable.name for tunable in kernel.tunables] == ["splits", "scale", "is_exact"]


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("s = hl.register_tunable(n, IntegerFragment(1, 2))", "register-tunable-arguments"),
        ("s = hl.register_tunable('s', [1, 2])", "register-tunable-arguments"),
        ("s = hl.register_tunable('s', IntegerFragment(1, n))", "fragment-arguments"),
        ("s = hl.register_tunable('s', PowerOfTwoFragment(1, 3))", "fragment-arguments"),
        ("s = hl.register_tunable('s', EnumFragment(('a', 'b')))", "tunable-type-not-supported"),
        ("s = hl.register_tunable('s', EnumFragment((1, True)))", "tunable-type-not-supported"),
        (
            "s = hl.register_tunable('s', IntegerFragment(1, 2))\nt = hl.register_tunable('s', IntegerFragment(1, 3))",
            "tunable-name-conflict",
        ),
        ("s = hl.register_tunable('s', IntegerFragment(1, 2))\nt = hl.register_tunable('s', IntegerFragment(1, 2))", None),
    ],
)
def test_mistakes(host: str, code: str | None) -> None:
    assert [found for found, _ in codes(check(FRAGMENTS + body(host, KEEP)))] == ([] if code is None else [code])


@pytest.mark.parametrize("name", ["block_sizes", "block_size", "num_warps", "indexing"])
def test_the_name_of_a_built_in_key_is_taken(name: str) -> None:
    module = compiler.parse(
        SourceFile("kernel.py", HEAD + FRAGMENTS + body(f"s = hl.register_tunable('{name}', IntegerFragment(1, 2))", KEEP))
    )
    (kernel,) = module.kernels
    names = FileGlobals(module)
    typed = compiler.check(kernel, infer_signature(kernel, names), names, Settings())
    assert [d.code for d in typed.diagnostics] == ["tunable-name-conflict"]
    assert name_conflicts(typed) == typed.diagnostics
