"""Where editor and JIT are known to differ, each with what is to be mended; a test that passes in spite of it fails, so that it is taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

_BOUND = "a bound that a flag chooses between a size and `tile.end` is a 0-d tensor in the editor and an int in the JIT"
_FUNCTION = "a function that is only known by its annotation gives unknown values"
_GROUPS = "sizes that come out of a helper's arithmetic are unknown without arguments"
ALL_CALLS: Mapping[str, str] = {
    "matmul_split_k": "a sum whose tiles are another tile's parts has no type in the editor",
    "nvfp4_gemm": _GROUPS,
    "nvfp4_gemv": "the kernel refuses the dtypes that the test gives it",
    **{f"attention_{part}{kind}": _BOUND for part in ("forward", "grad_q", "grad_kv") for kind in ("", " causal")},
    "flex_attention": _FUNCTION,
}
CALLS_LIKE_THE_TEXTS: Mapping[str, str] = {
    name: reason for name, reason in ALL_CALLS.items() if name not in ("matmul_split_k", "nvfp4_gemv")
}
COMPARED: Mapping[str, str] = dict.fromkeys(("mamba2_chunk_state", "mamba2_chunk_scan"), "no call of the case is like what its text says")
EDITOR_TYPES: Mapping[str, str] = {"flex_attention_kernel": _FUNCTION, "nvfp4_gemm": _GROUPS}


def marked(parameters: Iterable[tuple[str, tuple[Any, ...]]], reasons: Mapping[str, str]) -> list[Any]:
    """Parameters by name, those with a reason expected to fail."""
    return [
        pytest.param(*values, id=name, marks=[pytest.mark.xfail(reason=reasons[name], strict=True)] if name in reasons else [])
        for name, values in parameters
    ]
