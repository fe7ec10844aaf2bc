"""A config with every key in, the same without what other keys make meaningless out: equal code has fewer spellings for a search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helion.config.config import Config
from helion.device_ir.ir import DeviceIR, LoopSite
from helion.integers import next_power_of_2
from helion.types.dims import constant

_LEAST_CHUNK = 8
_RANGE_DEFAULTS: Mapping[str, object] = {
    "range_num_stages": 0,
    "range_unroll_factors": 0,
    "range_multi_buffers": None,
    "range_flattens": None,
    "range_warp_specializes": None,
}


def settled(ir: DeviceIR, values: Mapping[str, Any]) -> Config:
    """`values` has every key of the kernel's space, each list at its full length."""
    found = dict(values)
    is_persistent = str(found.get("pid_type", "flat")).startswith("persistent")
    if not is_persistent:
        found.pop("maxnreg", None)
        found["num_sm_multiplier"] = 1
    if found.get("epilogue_subtile") is True:
        found["epilogue_subtile"] = 2
    if True in found.get("flatten_loops", ()):
        found.pop("epilogue_subtile", None)
    if found.get("pid_type") == "xyz" and "xcd_remap" in found:
        found["xcd_remap"] = False
    if found.get("advanced_controls_file") == "":
        del found["advanced_controls_file"]
    if "reduction_loops" in found:
        found["reduction_loops"] = _chunks(ir, found["reduction_loops"])
    _settle_ranges(ir, found, is_persistent)
    return Config(**found)


def _chunks(ir: DeviceIR, chunks: list[int | None]) -> list[int | None]:
    """A chunk that holds the whole row is no loop; one of fewer than 8 elements is none that a device moves."""
    extents = [constant(site.extent) for site in ir.reduction_sites if site.can_loop]
    return [
        None if chunk is None or (extent is not None and chunk >= next_power_of_2(extent)) else max(chunk, _LEAST_CHUNK)
        for chunk, extent in zip(chunks, extents, strict=True)
    ]


def _settle_ranges(ir: DeviceIR, values: dict[str, Any], is_persistent: bool) -> None:
    """Grid loops are ranges of persistent programs only, unrolled loops are none; one loop at most is split among warps."""
    idle = [entry for entry, (site, position) in enumerate(range_entries(ir)) if _is_idle(ir, values, site, position, is_persistent)]
    for key, default in _RANGE_DEFAULTS.items():
        if key in values:
            values[key] = [default if entry in idle else value for entry, value in enumerate(values[key])]
    split = values.get("range_warp_specializes", [])
    if True in split:
        first = split.index(True)
        values["range_warp_specializes"] = [value if value is not True or entry == first else None for entry, value in enumerate(split)]
        values["range_unroll_factors"] = [
            0 if entry == first and factor > 1 else factor for entry, factor in enumerate(values["range_unroll_factors"])
        ]


def range_entries(ir: DeviceIR) -> list[tuple[LoopSite, int]]:
    """The loop and the dimension of each entry of the `range_*` lists."""
    return [(site, position) for site in ir.loop_sites for position in range(1 if site.is_grid else len(site.axes))]


def _is_idle(ir: DeviceIR, values: Mapping[str, Any], site: LoopSite, position: int, is_persistent: bool) -> bool:
    if site.is_grid:
        return not is_persistent
    static = [place for s in ir.loop_sites for place in s.static_places]
    place = (site.index, position)
    return place in static and bool(values["static_ranges"][static.index(place)])
