"""What decision files of ahead-of-time kernels go by: arguments in, their signature, and the nearest of a table's out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from helion.locks.selection import distance_of
from helion.signatures.notation import notation_of_arguments

Batched = Sequence[Sequence[int | None] | None]

_BRACKETS = re.compile(r"\[(.*)\]")


def nearest_number(table: Mapping[str, int], args: Sequence[Any], batched: Batched = ()) -> int | None:
    """The number of exactly these arguments; else that of the nearest sizes with the same dtypes and ranks (the least sum of |log2| of the
    ratios; of equals the first in the table); None when there are none."""
    signature = signature_of(args, batched)
    if signature in table:
        return table[signature]
    distances = ((distance_of(signature, known), number) for known, number in table.items())
    found = [(distance, number) for distance, number in distances if distance is not None]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def signature_of(args: Sequence[Any], batched: Batched = ()) -> str:
    """The signature of arguments in the notation of locks, with `batch` for the sizes that `batched` says do not matter."""
    marks = [*batched, *([None] * (len(args) - len(batched)))]
    return ", ".join(_one(value, mark) for value, mark in zip(args, marks, strict=False))


def _one(value: Any, marks: Sequence[int | None] | None) -> str:
    text = notation_of_arguments([value])
    if not marks or not isinstance(value, torch.Tensor):
        return text
    sizes = [str(size) if mark is None else "batch" for size, mark in zip(value.shape, [*marks, *([None] * value.ndim)], strict=False)]
    return _BRACKETS.sub(lambda _: f"[{','.join(sizes)}]", text)
