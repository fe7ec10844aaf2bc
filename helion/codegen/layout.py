"""How dims are laid out under one config: lengths of blocks, padding to powers of two, which dims are 1 and so not there at all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy

from helion.config.config import Config
from helion.device_ir.ir import DeviceIR, LoopSite
from helion.integers import next_power_of_2
from helion.types.dims import ConfigSymbol, Dim, constant, substitute
from helion.types.types import Block, Tunable

# An empty dim has lanes like any other, all of them invalid: with one it would be a dim of length 1, whose one lane is valid.
LANES_OF_EMPTY = 2


@dataclass(frozen=True)
class Layout:
    """The physical form of dims. A rolled extent is walked in chunks of `rolled[extent]` instead of being held whole. `parts` says in how
    many parts a block is worked on, by its index, where that is so."""

    ir: DeviceIR
    config: Config
    parts: Mapping[int, int] = field(default_factory=dict[int, int])

    @cached_property
    def _blocks(self) -> dict[object, Block]:
        return {block.symbol: block for block in self.ir.blocks}

    @cached_property
    def rolled(self) -> dict[Dim, int]:
        """Extents of `:` dims that this config loops over, with the chunk's length."""
        chunks: Any = self.config.get("reduction_loops", ())
        sites = [site for site in self.ir.reduction_sites if site.can_loop]
        found: dict[Dim, int] = {}
        for site, chunk in zip(sites, chunks, strict=False):
            length = constant(site.extent)
            if chunk is not None and (length is None or next_power_of_2(length) > chunk):
                found[site.extent] = chunk
        return found

    def block_length(self, block: Block) -> int:
        """A block's length in this config; of the tiles of a flattened loop the last has all lanes and the others one."""
        flat = self._flattened_lengths.get(block.index)
        return (self._own_length(block) if flat is None else flat) // self.parts.get(block.index, 1)

    @cached_property
    def _flattened_lengths(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for site in self.ir.loop_sites:
            if self.is_flattened(site):
                blocks = [axis.block for axis in site.axes if axis.block is not None]
                found.update({block.index: 1 for block in blocks})
                found[blocks[-1].index] = math.prod(self._own_length(block) for block in blocks)
        return found

    def is_flattened(self, site: LoopSite) -> bool:
        """Whether this config runs a loop over several tiles as one over their product."""
        chosen: Any = self.config.get("flatten_loops", ())
        flat = [s.index for s in self.ir.loop_sites if s.can_flatten]
        return site.index in flat and flat.index(site.index) < len(chosen) and bool(chosen[flat.index(site.index)])

    def is_static(self, site: LoopSite, position: int) -> bool:
        """Whether this config unrolls a dimension of a nested loop."""
        chosen: Any = self.config.get("static_ranges", ())
        static = [place for s in self.ir.loop_sites for place in s.static_places]
        place = (site.index, position)
        return place in static and static.index(place) < len(chosen) and bool(chosen[static.index(place)])

    def _own_length(self, block: Block) -> int:
        if block.fixed is not None:
            fixed = constant(self.with_config(block.fixed))
            assert fixed is not None, "a fixed block size is specialized"
            return fixed
        if block.extent is not None and constant(block.extent) == 1:
            return 1
        sizes = self.config["block_sizes"]
        assert block.entry is not None
        return sizes[block.entry]

    def block_of(self, symbol: object) -> Block | None:
        return self._blocks.get(symbol)

    def length(self, dim: Dim) -> int | None:
        """The padded length when it is known: a power of two; None for a size only known at run time."""
        if dim in self.rolled:
            return self.rolled[dim]
        value = constant(self.with_config(dim))
        return None if value is None else next_power_of_2(value) if value else LANES_OF_EMPTY

    def with_config(self, dim: Dim) -> Dim:
        """The dim with this config's block sizes and tunables put in."""
        chosen = {s: sympy.Integer(self._chosen(s)) for s in dim.free_symbols if isinstance(s, ConfigSymbol)}
        return substitute(dim, chosen) if chosen else dim

    def _chosen(self, symbol: ConfigSymbol) -> int:
        block = self.block_of(symbol)
        return self.block_length(block) if block is not None else int(self.tunable_value(symbol))

    def tunable_value(self, symbol: ConfigSymbol) -> float | int | bool:
        """What this config decides for a tunable."""
        return self.config[self.tunable_of(symbol).name]

    def tunable_of(self, symbol: ConfigSymbol) -> Tunable:
        return next(t for t in self.ir.kernel.tunables if t.symbol == symbol)

    def is_one(self, dim: Dim) -> bool:
        return self.length(dim) == 1

    def physical(self, shape: tuple[Dim, ...]) -> tuple[int, ...]:
        """Positions of the dims that exist: all but those of length 1."""
        return tuple(i for i, dim in enumerate(shape) if not self.is_one(dim))

    def is_padded(self, dim: Dim) -> bool:
        """Whether a `:` or constant dim may have lanes beyond its true length."""
        value = constant(self.with_config(dim))
        if value is None:
            return True
        if dim in self.rolled:
            return value % self.rolled[dim] != 0
        return next_power_of_2(value) != value

    # -- loops ------------------------------------------------------------------------------------------------------

    def loop_order(self, site: LoopSite) -> tuple[int, ...]:
        """The config's order of a loop's axes, outermost first."""
        orders: Any = self.config.get("loop_orders", ())
        multi = [s.index for s in self.ir.loop_sites if len(s.axes) > 1]
        if site.index in multi and multi.index(site.index) < len(orders):
            return tuple(orders[multi.index(site.index)])
        return tuple(range(len(site.axes)))

    def range_options(self, site: LoopSite, position: int | None) -> str:
        """The options of the `tl.range` of one dimension of a loop; `position` None is a dimension that has none."""
        if position is None:
            return ""
        entry = self.range_entry(site, position)
        options: list[str] = []
        for key, keyword, off in RANGE_OPTIONS:
            values: Any = self.config.get(key, ())
            if entry < len(values) and values[entry] not in off:
                value = (not values[entry]) if keyword == "disallow_acc_multi_buffer" else values[entry]
                options.append(f", {keyword}={value!r}")
        return "".join(options)

    def range_entry(self, site: LoopSite, position: int) -> int:
        """The place of a range in the `range_*` lists: one a grid loop, one a dimension of each nested loop, in source order."""
        before = sum(1 if s.is_grid else len(s.axes) for s in self.ir.loop_sites[: site.index])
        return before if site.is_grid else before + position


RANGE_OPTIONS = (
    ("range_num_stages", "num_stages", (0, None)),
    ("range_unroll_factors", "loop_unroll_factor", (0, None)),
    ("range_multi_buffers", "disallow_acc_multi_buffer", (None,)),
    ("range_flattens", "flatten", (None,)),
    ("range_warp_specializes", "warp_specialize", (None, False)),
)
