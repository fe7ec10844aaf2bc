"""Pointwise kernels: memory width decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helion.config.defaults.growth import Growth
from helion.device_ir.ir import DeviceIR
from helion.target import Target

_ELEMENTS_OF_A_PROGRAM = 2048
_LONGEST = 1024


def pointwise_values(ir: DeviceIR, target: Target) -> Mapping[str, Any]:
    """About 2048 elements a program, given to the innermost dimensions first since memory is contiguous there: at the copy's speed."""
    growth = Growth(ir)
    grid = [axis.block for site in ir.loop_sites for axis in site.axes if axis.block is not None]
    growth.grow(list(reversed(grid)), _ELEMENTS_OF_A_PROGRAM, _LONGEST)
    return {"block_sizes": growth.block_sizes()}
