"""The configs behind the rules of `helion.config.defaults`: for a workload, what the rule chooses and what it turned down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Config = Mapping[str, Any]

_TWO_PASS: tuple[Config, ...] = tuple(
    {"block_sizes": [1, chunk, chunk], "num_warps": warps}
    for chunk, warps in ((1024, 4), (4096, 8), (4096, 16), (8192, 8), (8192, 16), (16384, 16), (16384, 32))
)
_ONE_ROW: tuple[Config, ...] = (
    *({"num_warps": warps} for warps in (4, 8, 16, 32)),
    *({"num_warps": warps, "reduction_loops": [16384], "load_eviction_policies": ["last"]} for warps in (16, 32)),
    {"num_warps": 8, "reduction_loops": [4096]},
)
_NORMS: tuple[Config, ...] = tuple({"block_sizes": [rows], "num_warps": warps} for rows in (1, 2, 4) for warps in (4, 8, 16, 32))
_SQUARE: tuple[Config, ...] = tuple(
    {"block_sizes": [128, 256, 64], "num_warps": 8, "num_stages": 3, "l2_groupings": [8], **more}
    for more in (
        {"indexing": "tensor_descriptor"},
        {"indexing": "pointer"},
        {"indexing": "tensor_descriptor", "pid_type": "persistent_interleaved"},
        {"indexing": "tensor_descriptor", "pid_type": "persistent_interleaved", "range_flattens": [True, None]},
        {"indexing": "tensor_descriptor", "l2_groupings": [1]},
    )
)
_FEW_ROWS: tuple[Config, ...] = tuple(
    {"block_sizes": sizes, "num_warps": warps, "num_stages": stages, "indexing": "tensor_descriptor"}
    for sizes, warps, stages in (([64, 64, 128], 4, 4), ([64, 32, 128], 4, 5), ([32, 64, 64], 4, 4), ([64, 128, 64], 4, 4))
)
_ATTENTION: tuple[Config, ...] = tuple(
    {"block_sizes": [1, 128, n], "num_warps": 8, "num_stages": 3, "indexing": indexing}
    for n in (64, 128)
    for indexing in ("tensor_descriptor", "pointer")
)

CANDIDATES: Mapping[str, tuple[Config, ...]] = {
    "softmax_two_pass": _TWO_PASS,
    "softmax": _ONE_ROW,
    "layer_norm": _NORMS,
    "rms_norm": _NORMS,
    "row_sum": _NORMS,
    "matmul 4096": _SQUARE,
    "matmul 8192": _SQUARE,
    "matmul 64": _FEW_ROWS,
    "attention": _ATTENTION,
    "causal_attention": _ATTENTION,
}


def candidates_of(workload: str) -> tuple[Config, ...]:
    """Those of the longest name that the workload's begins with; none for a workload without."""
    names = [name for name in CANDIDATES if workload.startswith(name)]
    return CANDIDATES[max(names, key=len)] if names else ()
