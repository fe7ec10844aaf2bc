"""Which entry of a decorator's mapping serves a call: exact signature, nearest, architecture, everything else; with the reason in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helion.signatures.notation import parse_notation
from helion.types.dims import constant
from helion.types.types import TensorType, Type
from helion.types.untyped import is_mapping

ANY_DEVICE = "*"


@dataclass(frozen=True)
class Selected:
    """The entry's config, its keys and why it was chosen; `exact` when it was made for these sizes on this device."""

    config: Any
    device: str
    signature: str | None
    reason: str
    exact: bool


def select(table: Mapping[str, Any], product: str, architecture: str, signature: str) -> Selected | None:
    """The entry that serves `signature` on a device, or None when no device's entries do."""
    for device in (product, architecture, ANY_DEVICE):
        if device not in table:
            continue
        entries = table[device]
        if not _is_by_signature(entries):
            return Selected(entries, device, None, f"the entry of `{device}` for every signature", device == product)
        if signature in entries:
            return Selected(entries[signature], device, signature, f"locked for exactly this signature on `{device}`", device == product)
        nearest = _nearest(entries, signature)
        if nearest is not None:
            return Selected(entries[nearest], device, nearest, f"the nearest signature locked on `{device}`: {nearest}", False)
    return None


def _is_by_signature(entries: Any) -> bool:
    """A mapping of signatures to configs, rather than a config written as a dict."""
    return is_mapping(entries) and all(isinstance(v, Mapping) for v in entries.values()) and not _is_config(entries)


def _is_config(entries: Any) -> bool:
    return type(entries).__name__ == "Config" or "block_sizes" in entries


def _nearest(entries: Mapping[str, Any], signature: str) -> str | None:
    wanted = parse_notation(signature)
    best: tuple[float, str] | None = None
    for key in entries:
        found = parse_notation(key)
        if not isinstance(wanted, tuple) or not isinstance(found, tuple):
            continue
        distance = _distance(wanted, found)
        if distance is not None and (best is None or distance < best[0]):
            best = (distance, key)
    return None if best is None else best[1]


def _distance(wanted: tuple[Type, ...], found: tuple[Type, ...]) -> float | None:
    """The sum of |log2| of the sizes' ratios; None when dtypes, ranks or other arguments differ."""
    if len(wanted) != len(found):
        return None
    total = 0.0
    for a, b in zip(wanted, found, strict=True):
        if isinstance(a, TensorType) and isinstance(b, TensorType):
            if a.dtype != b.dtype or a.rank != b.rank:
                return None
            for x, y in zip(a.dims, b.dims, strict=True):
                left, right = constant(x), constant(y)
                if left is None or right is None:
                    continue
                total += abs(math.log2(max(left, 1) / max(right, 1)))
        elif a != b:
            return None
    return total
