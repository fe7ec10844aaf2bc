"""The config chosen without any search, from the device IR and the target alone; each rule says why, with what was measured.

Numbers are of an H200 (benchmarks/results/h200/kernels.json and default_configs.txt). Four kinds of kernel are told apart: those with
dots (tensor cores decide), those that walk over tiles in a loop, those that hold whole `:` rows (registers decide), and pointwise ones
(memory width decides). Where one of several grid loops has dots, each loop is told by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helion.config.defaults.dots import is_chained, values_with_dots
from helion.config.defaults.elements import pointwise_values
from helion.config.defaults.grid_loops import each_grid_loop, joined_values
from helion.config.defaults.one_sum import is_one_sum, values_of_one_sum
from helion.config.defaults.plain import plain_values
from helion.config.defaults.rows import row_values
from helion.config.defaults.size_classes import with_size_classes
from helion.config.defaults.walks import walk_values
from helion.config.joint_limits import fitting_registers
from helion.device_ir.ir import DeviceIR
from helion.target import Target


def default_values(ir: DeviceIR, target: Target) -> Mapping[str, Any]:
    """Values of the knobs that matter; the rest keep their plain defaults. Where sizes are arguments, they are for all of a class."""
    ir = with_size_classes(ir, target)
    if ir.kernel.options.plain_defaults:
        return plain_values(ir)
    values = _values_of_loops(ir, target)
    return {**values, **_registers_alone(ir, target, values)} if len(ir.phases) > 1 else values


def _values_of_loops(ir: DeviceIR, target: Target) -> Mapping[str, Any]:
    if ir.dot_dims and len(ir.grid_loops) > 1:
        parts = each_grid_loop(ir)
        return joined_values(ir, parts, [_values_by_kind(part, target) for part in parts])
    return _values_by_kind(ir, target)


def _registers_alone(ir: DeviceIR, target: Target, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Programs that wait for each other have a multiprocessor to themselves. NVIDIA's assembler cannot know and makes room for others.

    split_k_barrier compiled for sm_90 and sm_100: 72 registers, 2 and 4 more spilled, so that there is room for seven programs. Told that
    there is one: 127 and 126, none spilled. Chains of products hold so much that no other would fit: mla_decode has 255 either way.
    """
    if target.vendor != "cuda" or any(is_chained(part) for part in each_grid_loop(ir)):
        return {}
    return {"maxnreg": max(fitting_registers(target, int(values.get("num_warps", 4))))}


def _values_by_kind(ir: DeviceIR, target: Target) -> Mapping[str, Any]:
    if is_one_sum(ir, target):
        return values_of_one_sum(ir, target)
    if ir.dot_dims:
        return values_with_dots(ir, target)
    if any(axis.block is not None for site in ir.loop_sites if not site.is_grid for axis in site.axes):
        return walk_values(ir, target)
    if ir.reduction_sites:
        return row_values(ir, target)
    return pointwise_values(ir, target)
