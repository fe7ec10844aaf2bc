"""From a program's id to the tiles it computes: flat, xyz and persistent grids, loop order and grouping for the L2 cache."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from helion.codegen.axes import flat_extent, open_axis, open_flattened
from helion.codegen.multiples import multiple_of
from helion.codegen.ranges import round_count
from helion.codegen.shares import Share, share_count
from helion.codegen.signs import may_be_negative
from helion.device_ir.growing_axes import growing_axes
from helion.device_ir.ir import GridLoop, HostElement, LoopSite
from helion.types.dims import Dim, constant
from helion.types.types import Axis

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody

NUM_PROGRAMS = "_NUM_PROGRAMS"
_ATOM = re.compile(r"[\w.]+(\(\d*\))?")


@dataclass(frozen=True)
class GridAxis:
    """One axis of a grid loop: how many tiles it has, on the device and on the host.

    `shares`: each tile has so many programs, which share out the rounds of the loop with the site `walk`; `count` counts them all.
    """

    axis: Axis
    begin: str
    end: str
    step: str
    count: str
    host_count: str
    known_count: int | None
    shares: int = 1
    walk: int | None = None


def grid_axes(body: KernelBody, loop: GridLoop) -> tuple[GridAxis, ...]:
    """The axes in the config's order, outermost first."""
    site = body.ir.loop_sites[loop.loop_site]
    if body.layout.is_flattened(site):
        return (_flat_axis(body, loop),)
    bounds = tuple(zip(loop.begins, loop.ends, strict=True)) or ((None, None),) * len(loop.axes)
    return _shared(body, loop, [_grid_axis(body, loop.axes[position], *bounds[position]) for position in body.layout.loop_order(site)])


def _shared(body: KernelBody, loop: GridLoop, axes: list[GridAxis]) -> tuple[GridAxis, ...]:
    """Programs that share a tile are neighbours along the outer of the two innermost axes: those that run at a time have the same tiles of
    the inner one, as the programs of a product have."""
    is_known = all(axis.host_count for axis in axes) and not growing_axes(body.ir, loop)
    found = share_count(body, loop, [_expected_count(body, axis) for axis in axes]) if axes and is_known else None
    if found is not None:
        position = max(len(axes) - 2, 0)
        axis, (site, shares) = axes[position], found
        known = None if axis.known_count is None else axis.known_count * shares
        count, host = f"({axis.count} * {shares})", f"({axis.host_count} * {shares})"
        axes[position] = replace(axis, count=count, host_count=host, known_count=known, shares=shares, walk=site)
    return tuple(axes)


def _expected_count(body: KernelBody, axis: GridAxis) -> int:
    if axis.known_count is not None or axis.axis.begin is None or axis.axis.end is None:
        return axis.known_count or 1
    return -(-body.ir.hint(axis.axis.end - axis.axis.begin) // (_stride(body, axis.axis) or 1))


def _grid_axis(body: KernelBody, axis: Axis, first: HostElement | None, last: HostElement | None) -> GridAxis:
    if first is not None or last is not None:
        return _axis_read_on_device(body, axis, first, last)
    assert axis.begin is not None, "a grid loop begins where the host says, or a tensor of the host's"
    assert axis.end is not None, "a grid loop ends where the host says, or a tensor of the host's"
    begin, end = body.size(axis.begin), body.size(axis.end)
    extent = axis.end - axis.begin
    step, may_fall = _step(body, axis)
    known, stride = constant(extent), _stride(body, axis)
    rounds = None if known is None or stride is None else max(-(-known // stride), 0)
    host = body.arguments.host_dim(extent)
    if stride != 1:
        host = _host_quotient(host, step if axis.step is None else body.arguments.host_dim(axis.step))
    count = round_count(begin, end, step, may_fall)
    if rounds == 0:
        count, host = "0", "0"
    elif rounds is None and (may_fall or may_be_negative(extent, body.ir.kernel.dim_origins)):
        # Counts are multiplied and added up: one below zero, of bounds that are computed, would be taken for programs of others.
        count, host = f"tl.maximum({count}, 0)", f"max({host}, 0)"
    return GridAxis(axis, begin, end, step, count, host, rounds)


def _flat_axis(body: KernelBody, loop: GridLoop) -> GridAxis:
    """The one axis of a flattened loop; its tile is the last one's."""
    axis, total = loop.axes[-1], flat_extent(body, loop.axes)
    assert axis.block is not None
    end, step = body.size(total), body.size(axis.block.symbol)
    known, length = constant(total), body.layout.block_length(axis.block)
    host = _host_quotient(body.arguments.host_dim(total), step)
    return GridAxis(axis, "0", end, step, f"tl.cdiv({end}, {step})", host, None if known is None else -(-known // length))


def _axis_read_on_device(body: KernelBody, axis: Axis, first: HostElement | None, last: HostElement | None) -> GridAxis:
    """An axis with a bound in a tensor: programs read it, so the host never knows how many tiles there are."""
    begin, end = _bound(body, axis.begin, first), _bound(body, axis.end, last)
    step, may_fall = _step(body, axis)
    return GridAxis(axis, begin, end, step, f"tl.maximum({round_count(begin, end, step, may_fall)}, 0)", "", None)


def _stride(body: KernelBody, axis: Axis) -> int | None:
    """How far programs are apart, where that is known."""
    if axis.block is not None:
        return body.layout.block_length(axis.block)
    return 1 if axis.step is None else constant(axis.step)


def _step(body: KernelBody, axis: Axis) -> tuple[str, bool]:
    """The same as text, and whether it may be downwards."""
    if axis.block is not None:
        return body.size(axis.block.symbol), False
    return ("1", False) if axis.step is None else (body.size(axis.step), may_be_negative(axis.step, body.ir.kernel.dim_origins))


def _bound(body: KernelBody, known: Dim | None, tensor: HostElement | None) -> str:
    if tensor is not None:
        return body.scalar_of_tensor(*tensor)
    assert known is not None, "a bound is known to the host, or in a tensor of the host's"
    return body.size(known)


def _host_quotient(extent: str, step: str) -> str:
    """Host text of a quotient rounded up. Not `triton.cdiv`, which is for kernels as well and takes the host 3 µs a call."""
    dividend, divisor = (text if _ATOM.fullmatch(text) else f"({text})" for text in (extent, step))
    return f"-(-{dividend} // {divisor})"


def total_count(axes: tuple[GridAxis, ...]) -> tuple[str, str, int | None]:
    """Device text, host text and, if known, number of programs of a grid."""
    known = 1
    for axis in axes:
        if axis.known_count is None:
            break
        known *= axis.known_count
    else:
        return str(known), str(known), known
    return " * ".join(a.count for a in axes), " * ".join(a.host_count for a in axes), None


def program_id(body: KernelBody, dimension: int) -> str:
    """A program's id along a dimension of the launch, wide enough to be multiplied to an index."""
    return f"tl.program_id({dimension})" if body.index_dtype == "tl.int32" else f"tl.program_id({dimension}).to(tl.int64)"


def open_grid(body: KernelBody, loop: GridLoop, pid: str) -> None:
    """Write the tiles of the program with flat id `pid`."""
    site = body.ir.loop_sites[loop.loop_site]
    axes = grid_axes(body, loop)
    group = _group_of(body, site) if len(axes) >= 2 else 1
    remaining = pid
    ids: dict[int, str] = {}
    outer = axes
    if len(axes) >= 2 and group > 1:
        ids[len(axes) - 2], ids[len(axes) - 1] = _grouped(body, axes, remaining, group)
        outer, inner_count = axes[:-2], f"({axes[-2].count} * {axes[-1].count})"
        remaining = f"{pid} // {inner_count}"
    for position in range(len(outer) - 1, -1, -1):
        axis = outer[position]
        name = body.names.fresh(f"pid_{axis.axis.name}")
        text = remaining if position == 0 else f"({remaining}) % {axis.count}" if " " in remaining else f"{remaining} % {axis.count}"
        body.writer.line(f"{name} = {text}")
        ids[position] = name
        if position:
            remaining = f"({remaining}) // {axis.count}" if " " in remaining else f"{remaining} // {axis.count}"
    _open(body, loop, axes, ids)


def open_grid_xyz(body: KernelBody, loop: GridLoop) -> None:
    """Write the tiles of a program of a grid with one launch dimension an axis, the innermost first."""
    axes = grid_axes(body, loop)
    ids: dict[int, str] = {}
    for position, axis in enumerate(axes):
        name = body.names.fresh(f"pid_{axis.axis.name}")
        body.writer.line(f"{name} = {program_id(body, len(axes) - 1 - position)}")
        ids[position] = name
    _open(body, loop, axes, ids)


def _open(body: KernelBody, loop: GridLoop, axes: tuple[GridAxis, ...], ids: dict[int, str]) -> None:
    offsets: dict[int, str] = {}
    growing = growing_axes(body.ir, loop)
    for position, axis in enumerate(axes):
        own = ids[position] if axis.walk is None else _take_share(body, axis, axis.walk, ids[position])
        # The programs with the most to do start first, so that none of them is left alone at the end.
        place = f"({axis.count} - 1 - {own})" if axis.axis.index in growing else own
        start = place if axis.step == "1" else f"{place} * {axis.step}"
        if axis.begin != "0":
            start = f"{axis.begin} + {start}"
        if start.isidentifier():
            offsets[position] = start
            continue
        name = body.names.fresh(f"{axis.axis.name}_offset")
        body.writer.line(f"{name} = {start}")
        offsets[position] = name
    if body.layout.is_flattened(body.ir.loop_sites[loop.loop_site]):
        body.open_axes.extend(open_flattened(body, loop.axes, offsets[0]))
        return
    for position, axis in sorted(enumerate(axes), key=lambda pair: pair[1].axis.index):
        multiples = (multiple_of(body, axis.axis.begin), multiple_of(body, axis.axis.end))
        body.open_axes.append(open_axis(body, axis.axis, offsets[position], axis.begin, axis.end, multiples=multiples))


def _take_share(body: KernelBody, axis: GridAxis, walk: int, pid: str) -> str:
    """The tile's own id; the program's share of the walk is noted for the loop."""
    number, own = body.names.fresh("share"), body.names.fresh(f"pid_{axis.axis.name}")
    body.writer.line(f"{number} = {pid} % {axis.shares}")
    body.writer.line(f"{own} = {pid} // {axis.shares}")
    body.shares[walk] = Share(number, axis.shares)
    return own


def _group_of(body: KernelBody, site: LoopSite) -> int:
    groups: Any = body.layout.config.get("l2_groupings", ())
    position = [s.index for s in body.ir.loop_sites if s.is_grid and len(s.axes) >= 2].index(site.index)
    return groups[position] if position < len(groups) else 1


def _grouped(body: KernelBody, axes: tuple[GridAxis, ...], pid: str, group: int) -> tuple[str, str]:
    """Walk `group` tiles of the outer of the two innermost axes before the next of the inner: neighbours share operands in L2."""
    outer, inner = axes[-2], axes[-1]
    write, fresh = body.writer.line, body.names.fresh
    local = pid
    if len(axes) > 2:
        local = fresh("inner_pid")
        write(f"{local} = {pid} % ({outer.count} * {inner.count})")
    in_group, first, size = fresh("num_in_group"), fresh("first_in_group"), fresh("group_size")
    write(f"{in_group} = {group} * {inner.count}")
    write(f"{first} = {local} // {in_group} * {group}")
    write(f"{size} = tl.minimum({outer.count} - {first}, {group})")
    a, b = fresh(f"pid_{outer.axis.name}"), fresh(f"pid_{inner.axis.name}")
    write(f"{a} = {first} + {local} % {in_group} % {size}")
    write(f"{b} = {local} % {in_group} // {size}")
    return a, b
