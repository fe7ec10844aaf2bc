"""Arguments made from types: right kinds, the same for the same seed, and a reason where none can be made."""

from __future__ import annotations

import pytest
import torch

from helion.autotune.make_inputs import CannotMakeInputError, make_inputs
from helion.signatures.notation import parse_notation


def made(notation: str, seed: int = 0) -> tuple:
    types = parse_notation(notation)
    assert isinstance(types, tuple), types
    return make_inputs(types, [f"p{index}" for index in range(len(types))], seed, "cpu")


def test_every_kind() -> None:
    x, mask, index, n, eps, mode = made("bf16[3,4], bool[5], i64[6], int(7), float(0.5), 'gelu'")
    assert (x.shape, x.dtype) == ((3, 4), torch.bfloat16)
    assert mask.dtype == torch.bool
    assert index.dtype == torch.int64
    assert set(index.tolist()) <= {0, 1}
    assert (n, eps, mode) == (7, 0.5, "gelu")


def test_the_seed_decides() -> None:
    assert torch.equal(made("f32[64]", 3)[0], made("f32[64]", 3)[0])
    assert not torch.equal(made("f32[64]", 3)[0], made("f32[64]", 4)[0])


@pytest.mark.parametrize("notation", ["f32[m,4]", "?"])
def test_what_is_not_known_is_named(notation: str) -> None:
    with pytest.raises(CannotMakeInputError, match="`p0`"):
        made(notation)
