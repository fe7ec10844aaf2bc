"""A loop's bound in, the tile whose begin or end it is out."""

from __future__ import annotations

from typing import Any

from torch import fx

from helion.ops.table import OPS
from helion.types.types import Axis


def tile_of_bound(value: Any, *attributes: str) -> Axis | None:
    """The tile that has the bound as one of `attributes` ("begin", "end"); None for other values."""
    if not isinstance(value, fx.Node) or value.op != "call_function":
        return None
    op = OPS.find(value.target)
    is_bound = op is not None and op.tile_attribute in attributes
    return value.args[0] if is_bound and isinstance(value.args[0], Axis) else None
