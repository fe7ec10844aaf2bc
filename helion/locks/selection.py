"""Lock entries, a device and a signature in, the entry that serves the call out, with how near it is and the reason in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from helion.config.config import Config
from helion.locks.entries import LockEntry
from helion.locks.identity import DeviceIdentity
from helion.signatures.notation import parse_notation
from helion.types.dims import constant
from helion.types.types import SequenceType, TensorType, Type


class Level(Enum):
    """How near to the call a lock was made."""

    EXACT = "exact"
    NEAREST = "nearest"
    DEVICE = "device"


@dataclass(frozen=True)
class Selected:
    """`exact` when the entry was made for these sizes, or for all, on this very product. `distance` is the sum of |log2| of the sizes'
    ratios, for a nearest entry."""

    entry: LockEntry
    level: Level
    reason: str
    exact: bool
    distance: float = 0.0

    @property
    def config(self) -> Config:
        return self.entry.config


def select(entries: Iterable[LockEntry], device: DeviceIdentity, signature: str) -> Selected | None:
    """The product's entries before the architecture's before those of `*`; on each the exact signature, then the nearest with the same
    dtypes and ranks (ties by order), then the entry for every signature."""
    known = tuple(entries)
    for key in device.keys:
        here = [entry for entry in known if entry.device == key]
        found = _on_device(here, key, signature, is_product=key == device.product)
        if found is not None:
            return found
    return None


def _on_device(entries: Sequence[LockEntry], key: str, signature: str, *, is_product: bool) -> Selected | None:
    for entry in entries:
        if entry.signature == signature:
            return Selected(entry, Level.EXACT, f"locked for exactly this signature on `{key}`", exact=is_product)
    nearest = min(_distances(entries, signature), key=lambda pair: pair[0], default=None)
    if nearest is not None:
        distance, entry = nearest
        words = f"the nearest signature locked on `{key}`: {entry.signature}"
        return Selected(entry, Level.NEAREST, words, exact=False, distance=distance)
    for entry in entries:
        if entry.signature is None:
            return Selected(entry, Level.DEVICE, f"the entry of `{key}` for every signature", exact=is_product)
    return None


def _distances(entries: Iterable[LockEntry], signature: str) -> Iterator[tuple[float, LockEntry]]:
    for entry in entries:
        distance = None if entry.signature is None else distance_of(signature, entry.signature)
        if distance is not None:
            yield distance, entry


def distance_of(wanted: str, found: str) -> float | None:
    """The sum of |log2| of the ratios of two signatures' sizes, those that have names left out; None when dtypes, ranks or other
    arguments differ, or a text is no signature."""
    one, other = parse_notation(wanted), parse_notation(found)
    return _distance(one, other) if isinstance(one, tuple) and isinstance(other, tuple) else None


def _distance(wanted: tuple[Type, ...], found: tuple[Type, ...]) -> float | None:
    """None when dtypes, ranks or other arguments differ."""
    if len(wanted) != len(found):
        return None
    parts = [_distance_of_argument(a, b) for a, b in zip(wanted, found, strict=True)]
    return None if any(part is None for part in parts) else sum(part for part in parts if part is not None)


def _distance_of_argument(wanted: Type, found: Type) -> float | None:
    match wanted, found:
        case TensorType(), TensorType():
            if wanted.dtype != found.dtype or wanted.rank != found.rank:
                return None
            pairs = [(constant(a), constant(b)) for a, b in zip(wanted.dims, found.dims, strict=True)]
            return sum(abs(math.log2(max(a, 1) / max(b, 1))) for a, b in pairs if a is not None and b is not None)
        case SequenceType(items=items), SequenceType(items=others):
            return _distance(items, others)
        case _:
            return 0.0 if wanted == found else None
