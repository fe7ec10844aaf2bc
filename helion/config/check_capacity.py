"""A config that fits its kernel's knobs in, what of it no such device can hold out: only what block sizes and constants alone decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from helion.config.defaults.growth import Growth
from helion.config.joint_limits import block_lengths, elements_of
from helion.config.space import ConfigSpace
from helion.diagnostics.catalog.config import ConfigTooLarge
from helion.integers import next_power_of_2
from helion.source import Span
from helion.types.dims import MOST_ELEMENTS, Dim, constant

_DEFAULT_ITEMSIZE = 2
_ROWS_OF_A_WARP_GROUP = 64
_WARP_GROUP = 4
_LEAST_BLOCK = 16


def check_capacity(space: ConfigSpace, config: Mapping[str, Any], span: Span) -> Iterator[ConfigTooLarge]:
    """`config` is one that the space finds nothing wrong with."""
    normal = space.normalize(config).config
    lengths = block_lengths(space.ir, normal)
    elements, shape = max(((elements_of(shape, lengths), shape) for shape in Growth(space.ir).shapes), key=lambda f: f[0], default=(0, ()))
    if elements > MOST_ELEMENTS:
        words = f"a value of {elements} elements, [{', '.join(map(str, shape))}]"
        yield ConfigTooLarge(span, words, f"Triton has none of more than {MOST_ELEMENTS}", fitting_blocks=_fitting_blocks(space, config))
        return
    limit, stages = space.target.shared_memory_per_block, _stages(normal)
    needed = _operand_bytes(space, lengths, normal, stages)
    if needed > limit:
        fitting = next((n for n in range(stages - 1, 0, -1) if _operand_bytes(space, lengths, normal, n) <= limit), None)
        words = f"{needed // 1024} KiB of shared memory for the operands of a product"
        has = f"a program on {space.target.name} has {limit // 1024}"
        yield ConfigTooLarge(span, words, has, fitting, _fitting_blocks(space, config))


def _fitting_blocks(space: ConfigSpace, config: Mapping[str, Any]) -> tuple[int, ...] | None:
    """Block sizes with which everything fits: the longest is halved, as often as it takes."""
    if "block_sizes" not in config:
        return None
    blocks: Any = space.normalize(config).config["block_sizes"]
    halved = [int(block) for block in blocks]
    while max(halved, default=0) > _LEAST_BLOCK:
        longest = max(range(len(halved)), key=lambda position: (halved[position], position))
        halved[longest] //= 2
        smaller = {**config, "block_sizes": halved}
        if space.check(smaller):
            return None
        if _fits(space, smaller):
            return tuple(halved)
    return None


def _fits(space: ConfigSpace, config: Mapping[str, Any]) -> bool:
    normal = space.normalize(config).config
    lengths = block_lengths(space.ir, normal)
    elements = max((elements_of(shape, lengths) for shape in Growth(space.ir).shapes), default=0)
    needed = _operand_bytes(space, lengths, normal, _stages(normal))
    return elements <= MOST_ELEMENTS and needed <= space.target.shared_memory_per_block


def _length(size: Dim, lengths: Mapping[Dim, int]) -> int:
    number = constant(size)
    return lengths.get(size, 1 if number is None else next_power_of_2(number))


def _operand_bytes(space: ConfigSpace, lengths: Mapping[Dim, int], normal: Mapping[str, Any], stages: int) -> int:
    """Of the product with the largest operands that a loop over its K loads anew each round, as many rounds as the pipeline holds."""
    walked = {axis.block.symbol for site in space.ir.loop_sites if not site.is_grid for axis in site.axes if axis.block is not None}
    found = [0]
    for m, n, k, dtype in space.ir.dot_dims:
        if k in walked and k in lengths:
            rows, itemsize = _length(m, lengths), _DEFAULT_ITEMSIZE if dtype is None else dtype.itemsize
            # Hopper's products read shared memory while the next round arrives; others copy a round into registers first.
            reads_memory = (
                space.target.capability // 10 == 9 and rows >= _ROWS_OF_A_WARP_GROUP and normal.get("num_warps", 0) >= _WARP_GROUP
            )
            rounds = stages if reads_memory else max(1, stages - 1)
            found.append((rows + _length(n, lengths)) * lengths[k] * itemsize * rounds)
    return max(found)


def _stages(normal: Mapping[str, Any]) -> int:
    """The fewest stages that a loop of the config may have."""
    own = [stages for stages in normal.get("range_num_stages", ()) if stages]
    return max(1, min((int(normal.get("num_stages", 1)), *own)))
