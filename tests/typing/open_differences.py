"""Where editor and JIT are known to differ, each with what is to be mended; a test that passes in spite of it fails, so that it is taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

_FUNCTION = "a function that is only known by its annotation gives unknown values"
ALL_CALLS: Mapping[str, str] = {
    "matmul_split_k": "a sum whose tiles are another tile's parts has no type in the editor",
    "flex_attention": _FUNCTION,
}
CALLS_LIKE_THE_TEXTS: Mapping[str, str] = {name: reason for name, reason in ALL_CALLS.items() if name != "matmul_split_k"}
COMPARED: Mapping[str, str] = dict.fromkeys(("mamba2_chunk_state", "mamba2_chunk_scan"), "no call of the case is like what its text says")
EDITOR_TYPES: Mapping[str, str] = {"flex_attention_kernel": _FUNCTION}


def marked(parameters: Iterable[tuple[str, tuple[Any, ...]]], reasons: Mapping[str, str]) -> list[Any]:
    """Parameters by name, those with a reason expected to fail."""
    return [
        pytest.param(*values, id=name, marks=[pytest.mark.xfail(reason=reasons[name], strict=True)] if name in reasons else [])
        for name, values in parameters
    ]
