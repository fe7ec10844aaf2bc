"""Device IR in, device IR out: the passes in order, each with the reason for its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helion.device_ir.ir import DeviceIR
from helion.device_ir.passes.dead_code import remove_dead_code
from helion.device_ir.passes.early_loads import bring_loads_forward
from helion.device_ir.passes.find_elements import find_elements
from helion.device_ir.passes.find_flat_loops import find_flat_loops
from helion.device_ir.passes.find_hazards import find_hazards
from helion.device_ir.passes.find_limits import find_limits
from helion.device_ir.passes.find_sites import find_sites
from helion.device_ir.passes.invalid_lanes import find_invalid_lanes
from helion.device_ir.passes.merged_dims import find_merged_dims


@dataclass(frozen=True)
class Pass:
    name: str
    run: Callable[[DeviceIR], DeviceIR]
    reason: str


PASSES = (
    Pass("dead code", remove_dead_code, "first: what is dead has no sites and no limits"),
    Pass("elements", find_elements, "after dead code, which needs none; before anything is spent on the rest"),
    Pass("merged dims", find_merged_dims, "before what lies in lanes of merged dims is asked"),
    Pass("invalid lanes", find_invalid_lanes, "what lanes beyond the tile hold, before anything is numbered"),
    Pass("flat loops", find_flat_loops, "over the final nodes, whose types say what is neighbour to what"),
    Pass("hazards", find_hazards, "over the final nodes: dead loads wait for nothing"),
    Pass("sites", find_sites, "numbers what configs talk about, in program order, over the final nodes"),
    Pass("limits", find_limits, "block sizes that dots ask for, over the final nodes"),
    Pass("early loads", bring_loads_forward, "last: sites are numbered in the order of the source, and it is known which loads must wait"),
)


def run_passes(ir: DeviceIR) -> DeviceIR:
    """The IR after every pass."""
    for each in PASSES:
        ir = each.run(ir)
    return ir
