"""Rotary embedding of one layer: of its queries, and of queries and keys."""

from __future__ import annotations

from benchmarks.kernels.workload import Workload, randn
from examples.rope import angles, reference, rope

_B, _QUERIES, _KEYS, _LENGTH, _D = 4, 32, 8, 4096, 128


def _rope(*heads: int) -> Workload:
    """Of so many heads of queries, of keys."""
    together = sum(heads)
    return Workload(
        f"rope b{_B} h{'+'.join(map(str, heads))} s{_LENGTH} d{_D}",
        rope,
        reference,
        lambda: (randn(_B, together, _LENGTH, _D), *angles(_LENGTH, _D)),
        bytes=2 * 2 * _B * together * _LENGTH * _D + 2 * 4 * _LENGTH * _D // 2,
    )


# Queries and keys lie in one tensor, as the product that makes both leaves them: every provider turns them in one call.
WORKLOADS = (_rope(_QUERIES), _rope(_QUERIES, _KEYS))
