"""Kernels with atomics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

import helion.language as hl
from tests.parity.op_cases import OpCase


def add_columns(x: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    for tile_m, tile_n in hl.tile([m, n]):
        hl.atomic_add(out, [tile_n], x[tile_m, tile_n].sum(0))
    return out


def add_whole_rows(x: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
    for tile in hl.tile(x.size(0)):
        hl.atomic_add(out, [tile, slice(None)], x[tile, :])
    return out


def previous_of_add(x: torch.Tensor, out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    before = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        before[tile] = hl.atomic_add(out, [tile], x[tile]) * 2
    return out, before


def histogram(ids: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
    for tile in hl.tile(ids.size(0)):
        hl.atomic_add(out, [ids[tile]], 1, sem="release")
    return out


def extremes(x: torch.Tensor, high: torch.Tensor, low: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    m, n = x.size()
    for tile_m, tile_n in hl.tile([m, n]):
        v = x[tile_m, tile_n]
        hl.atomic_max(high, [tile_n], v.amax(0), sem="acq_rel")
        hl.atomic_min(low, [tile_n], v.amin(0))
    return high, low


def bits(x: torch.Tensor, conjunction: torch.Tensor, disjunction: torch.Tensor, parity: torch.Tensor) -> None:
    for tile in hl.tile(x.size(0)):
        hl.atomic_and(conjunction, [tile], x[tile])
        hl.atomic_or(disjunction, [tile], x[tile])
        hl.atomic_xor(parity, [tile], x[tile])


def flags(ids: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
    for tile in hl.tile(ids.size(0)):
        hl.atomic_or(seen, [ids[tile]], True)
    return seen


def exchange(x: torch.Tensor, out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    before = torch.empty_like(out)
    for tile in hl.tile(x.size(0)):
        before[tile] = hl.atomic_xchg(out, [tile], x[tile])
    return out, before


def swap_where_zero(x: torch.Tensor, out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    before = torch.empty_like(out)
    for tile in hl.tile(x.size(0)):
        before[tile] = hl.atomic_cas(out, [tile], 0, x[tile], sem="acquire")
    return out, before


def count_programs(x: torch.Tensor, counter: torch.Tensor) -> torch.Tensor:
    for _ in hl.tile(x.size(0), block_size=8):
        hl.atomic_add(counter, [], 1)
    return counter


def _floats(*shape: int) -> Any:
    return lambda generator: (torch.randn(shape, generator=generator), torch.zeros(shape[-1:]))


def _integers(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    x = torch.randint(0, 1 << 20, (53,), generator=generator, dtype=torch.int32)
    return x, torch.full_like(x, 0xFFFFF), torch.zeros_like(x), torch.full_like(x, 12345)


def _ids(cells: torch.Tensor) -> Any:
    return lambda generator: (torch.randint(0, len(cells), (200,), generator=generator, dtype=torch.int32), cells)


def _sparse(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    x = torch.randint(1, 100, (53,), generator=generator)
    return x, torch.randint(0, 2, (53,), generator=generator)


def _cas_expected(x: torch.Tensor, out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    before = out.clone()
    return out.copy_(torch.where(before == 0, x, before)), before


def _exchanged(x: torch.Tensor, out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    before = out.clone()
    return out.copy_(x), before


def _bits_expected(x: torch.Tensor, conjunction: torch.Tensor, disjunction: torch.Tensor, parity: torch.Tensor) -> None:
    conjunction.bitwise_and_(x)
    disjunction.bitwise_or_(x)
    parity.bitwise_xor_(x)


def _extremes_expected(x: torch.Tensor, high: torch.Tensor, low: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return high.copy_(torch.maximum(high, x.amax(0))), low.copy_(torch.minimum(low, x.amin(0)))


def _with_bounds(dtype: torch.dtype) -> Any:
    def made(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
        x = (torch.randn(37, 53, generator=generator) * 100).to(dtype)
        return x, torch.full((53,), 20, dtype=dtype), torch.full((53,), -20, dtype=dtype)

    return made


def _whole_numbers(dtype: torch.dtype, count: int = 2) -> Any:
    """Small whole numbers, which every dtype holds exactly."""
    return lambda generator: tuple(torch.randint(0, 4, (53,), generator=generator).to(dtype) for _ in range(count))


def _bytes(dtype: torch.dtype) -> Any:
    return lambda generator: tuple(torch.randint(0, 2, (53,), generator=generator).to(dtype) for _ in range(4))


def _many_dtypes() -> Iterator[OpCase]:
    for dtype in (torch.float16, torch.bfloat16, torch.float64, torch.int64):
        name = str(dtype).removeprefix("torch.")
        yield OpCase(
            f"atomic_add to {name}", previous_of_add, _whole_numbers(dtype), lambda x, out: (out.add_(x), out * 2 - 2 * x), draws=2
        )
    for dtype in (torch.int64, torch.float64, torch.int32):
        name = str(dtype).removeprefix("torch.")
        yield OpCase(f"atomic_xchg of {name}", exchange, _whole_numbers(dtype), _exchanged, draws=1)
    for dtype in (torch.int16, torch.int32, torch.float32, torch.float64):
        name = str(dtype).removeprefix("torch.")
        yield OpCase(f"atomic_cas of {name}", swap_where_zero, _whole_numbers(dtype), _cas_expected, draws=2)
    for dtype in (torch.bool, torch.int8, torch.uint8, torch.int64):
        name = str(dtype).removeprefix("torch.")
        yield OpCase(f"atomic_and, _or, _xor of {name}", bits, _bytes(dtype), _bits_expected, draws=2)
    for dtype in (torch.float64, torch.int32):
        yield OpCase(
            f"atomic_max and atomic_min of {dtype}".replace("torch.", ""), extremes, _with_bounds(dtype), _extremes_expected, draws=2
        )


CASES = (
    *_many_dtypes(),
    OpCase("atomic_add of columns", add_columns, _floats(37, 53), lambda x, out: out.add_(x.sum(0)), 1e-4),
    OpCase("atomic_add of columns", add_columns, _floats(37, 53), lambda x, out: out.add_(x.sum(0)), 1e-4, static_shapes=False),
    OpCase(
        "atomic_add of rectangles",
        add_whole_rows,
        lambda g: (torch.randn(37, 24, generator=g), torch.randn(37, 24, generator=g)),
        lambda x, out: out.add_(x),
    ),
    OpCase(
        "atomic_add's result",
        previous_of_add,
        lambda g: (torch.arange(53.0), torch.ones(53)),
        lambda x, out: (out.add_(x), out * 2 - 2 * x),
    ),
    OpCase(
        "atomic_add of bfloat16",
        add_whole_rows,
        lambda g: (torch.randn(13, 24, generator=g).bfloat16(), torch.randn(13, 24, generator=g).bfloat16()),
        lambda x, out: out.add_(x),
    ),
    OpCase(
        "atomic_add by index", histogram, _ids(torch.zeros(5, dtype=torch.int32)), lambda i, out: out.add_(torch.bincount(i, minlength=5))
    ),
    OpCase(
        "atomic_add to a scalar",
        count_programs,
        lambda g: (torch.zeros(53), torch.zeros((), dtype=torch.int64)),
        lambda x, out: out.add_(7),
    ),
    OpCase("atomic_max and atomic_min", extremes, _with_bounds(torch.float32), _extremes_expected),
    OpCase("atomic_max and atomic_min of integers", extremes, _with_bounds(torch.int64), _extremes_expected),
    OpCase("atomic_and, _or, _xor", bits, _integers, _bits_expected),
    OpCase(
        "atomic_or of bools",
        flags,
        _ids(torch.zeros(300, dtype=torch.bool)),
        lambda i, out: out.logical_or_(torch.bincount(i, minlength=300) > 0),
    ),
    OpCase("atomic_xchg", exchange, lambda g: (torch.randn(53, generator=g), torch.randn(53, generator=g)), _exchanged),
    OpCase("atomic_cas", swap_where_zero, _sparse, _cas_expected),
)
