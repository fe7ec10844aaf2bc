"""A tensor in, the dims out that `torch._dynamo.mark_static` says never to make an argument of."""

from __future__ import annotations

from collections.abc import Iterable

import torch

MARK = "_dynamo_static_indices"


def static_dims(tensor: torch.Tensor) -> tuple[int, ...]:
    """In order; none of a tensor that nobody marked."""
    marked: Iterable[int] = getattr(tensor, MARK, ())
    return tuple(sorted(marked))
