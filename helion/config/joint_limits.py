"""A normalized config in, what several of its values together ask for and no program can have out: registers, elements of a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from helion.device_ir.ir import DeviceIR
from helion.target import Target
from helion.types.dims import MOST_ELEMENTS, Dim, constant


def fitting_registers(target: Target, warps: int) -> tuple[int, ...]:
    """The caps on registers a thread with which so many warps have room: a program's registers are set aside as it starts."""
    return tuple(cap for cap in (32, 64, 128, 256) if cap * warps * target.warp_size <= target.registers_per_multiprocessor)


def has_room(ir: DeviceIR, target: Target, values: Mapping[str, Any], shapes: Iterable[tuple[Dim, ...]]) -> bool:
    """Whether a program of the config can be made, which has values of these shapes: searches draw no other."""
    cap = values.get("maxnreg")
    if cap is not None and cap not in fitting_registers(target, int(values.get("num_warps", 4))):
        return False
    lengths = block_lengths(ir, values)
    return all(elements_of(shape, lengths) <= MOST_ELEMENTS for shape in shapes)


def registers_refused(target: Target, values: Mapping[str, Any]) -> Iterator[tuple[object, str]]:
    """The cap that a config gives and why it does not fit its warps."""
    cap, warps = values.get("maxnreg"), int(values.get("num_warps", 4))
    fitting = fitting_registers(target, warps)
    if cap is not None and cap not in fitting:
        words = f"{warps} warps of {cap} registers a thread are more than the {target.registers_per_multiprocessor} of a multiprocessor"
        yield cap, f"{words}; allowed with {warps} warps: {', '.join(map(repr, (None, *fitting)))}"


def block_lengths(ir: DeviceIR, values: Mapping[str, Any]) -> dict[Dim, int]:
    """How long each block is, by its symbol; those that a size of the call decides are left out."""
    tuned = [block for block in ir.blocks if block.entry is not None]
    found: dict[Dim, int] = {b.symbol: size for b, size in zip(tuned, values.get("block_sizes", ()), strict=False)}
    for block in ir.blocks:
        fixed = None if block.fixed is None else constant(block.fixed)
        if fixed is not None:
            found[block.symbol] = fixed
    return found


def elements_of(shape: tuple[Dim, ...], lengths: Mapping[Dim, int]) -> int:
    """Dims that are rolled up, or of a size that only a call knows, count as 1."""
    found = 1
    for size in shape:
        found *= lengths.get(size, 1)
    return found
