"""The default that asks neither what kind of kernel it is nor what was measured: small tiles, the smaller the more a whole row holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from helion.config.knobs.block_sizes import block_range
from helion.config.knobs.reduction_loops import plain_chunk
from helion.device_ir.ir import DeviceIR
from helion.integers import next_power_of_2

_FEW_BLOCKS = 2


def plain_values(ir: DeviceIR) -> Mapping[str, Any]:
    """Block sizes of 32, 16 or 1 by how many elements of whole rows stand behind each, and rows of more than 4096 in chunks."""
    tuned = [block for block in ir.blocks if block.entry is not None]
    length = _block_length(len(tuned), math.prod(next_power_of_2(ir.hint(site.extent)) for site in ir.reduction_sites))
    ranges = [block_range(ir, block) for block in tuned]
    chunks = [plain_chunk(ir.hint(site.extent)) for site in ir.reduction_sites if site.can_loop]
    found: dict[str, Any] = {"block_sizes": [max(low, min(high, length)) for low, high in ranges]} if tuned else {}
    return {**found, "reduction_loops": chunks} if chunks else found


def _block_length(blocks: int, elements: int) -> int:
    if blocks <= _FEW_BLOCKS and elements <= 128:
        return 32
    return 16 if elements <= 256 else 1
