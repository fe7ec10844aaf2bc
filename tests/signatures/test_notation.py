"""The one notation for argument types: what is written is read back; mistakes are explained."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helion.diagnostics.catalog.runtime import BadSignature
from helion.signatures.notation import format_notation, notation_of_arguments, parse_notation, signature_from_notation
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.types.dtypes import FROM_SHORT_NAME

TENSOR = st.builds(
    lambda dtype, dims: f"{dtype}[{','.join(dims)}]",
    st.sampled_from(sorted(FROM_SHORT_NAME)),
    st.lists(st.integers(0, 10**6).map(str) | st.sampled_from(["m", "n", "head_dim"]), max_size=4),
)
PLAIN = st.sampled_from(["int", "int(3)", "float", "float(0.5)", "bool", "bool(True)", "None", "'gelu'", "bf16"])
ONE = st.recursive(
    TENSOR | PLAIN, lambda inner: st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({', '.join(parts)})"), max_leaves=4
)


@given(st.lists(ONE, max_size=5).map(", ".join))
def test_round_trip(text: str) -> None:
    types = parse_notation(text)
    assert not isinstance(types, BadSignature)
    assert format_notation(types) == text


@pytest.mark.parametrize("text", ["bf17[3]", "f32[3", "f32[-1]", "f32[a b]", "nothing", "int(x)", "f32[3]]"])
def test_mistakes_are_explained(text: str) -> None:
    found = parse_notation(text)
    assert isinstance(found, BadSignature)
    assert found.message()


def test_live_arguments() -> None:
    args = (torch.empty(3, 4, dtype=torch.bfloat16), 7, 0.5, None, "gelu", True, (torch.empty(2), 1))
    assert notation_of_arguments(args) == "bf16[3,4], int, float, None, 'gelu', bool, (f32[2], int)"


def test_parameters_left_out_keep_their_defaults() -> None:
    module = parse_module(SourceFile("k.py", "import helion\n@helion.kernel\ndef kernel(x, eps=1e-5, n=3):\n    return x\n"))
    found = signature_from_notation(module.kernels[0], "f32[m,4]")
    assert isinstance(found, KernelSignature)
    assert [str(p.type) for p in found.parameters.values()] == ["f32[m, 4]", "float", "int(3)"]
    assert isinstance(signature_from_notation(module.kernels[0], "f32[1], float, int, int"), BadSignature)
    assert isinstance(signature_from_notation(module.kernels[0], ""), BadSignature)
