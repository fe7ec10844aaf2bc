"""Kernels with scans."""

from __future__ import annotations

from typing import Any

import torch
from torch._higher_order_ops.associative_scan import associative_scan as torch_associative_scan

import helion
import helion.language as hl
from tests.parity.op_cases import OpCase


def plus(left: Any, right: Any) -> Any:
    return left + right


@helion.kernel
def larger(left: Any, right: Any) -> Any:
    return torch.maximum(left, right)


def restart(left: Any, right: Any) -> Any:
    """A sum that starts again where the segment changes."""
    left_value, left_segment = left
    right_value, right_segment = right
    total = torch.where(left_segment == right_segment, left_value + right_value, right_value)
    return total, right_segment


def compose(left_scale: Any, left_shift: Any, right_scale: Any, right_shift: Any) -> Any:
    """x -> scale * x + shift, one after the other: not commutative."""
    return left_scale * right_scale, left_shift * right_scale + right_shift


def smaller_of(a: Any, b: Any) -> Any:
    """By way of another function."""
    return torch.where(plus(a, -b) < 0, a, b)


def scan_rows(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = hl.associative_scan(plus, x[tile, :], dim=1)
    return out


def scan_of_tile(x: torch.Tensor) -> torch.Tensor:
    """Along the tile itself: one tile holds the whole column."""
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0), block_size=64):
        out[tile, :] = hl.associative_scan(lambda a, b: torch.where(a > b, a, b), x[tile, :] + 1, dim=0, reverse=True)
    return out


def running_max(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = hl.associative_scan(larger, x[tile, :], -1)
    return out


def running_min(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = hl.associative_scan(torch.minimum, x[tile, :], 1)
    return out


def segmented(x: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        total, _ = hl.associative_scan(restart, (x[tile, :], segments[tile, :]), dim=1)
        out[tile, :] = total
    return out


def recurrence(scale: torch.Tensor, shift: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    forward, backward = torch.empty_like(shift), torch.empty_like(shift)
    for tile in hl.tile(scale.size(0)):
        _, state = hl.associative_scan(compose, (scale[tile, :], shift[tile, :]), dim=1)
        forward[tile, :] = state
        _, state = hl.associative_scan(compose, (scale[tile, :], shift[tile, :]), dim=1, reverse=True)
        backward[tile, :] = state
    return forward, backward


def torch_spelling(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = torch_associative_scan(plus, x[tile, :], 1)
    return out


def cumulative(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    sums, products, both = torch.empty_like(x), torch.empty_like(x), torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        v = x[tile, :]
        sums[tile, :] = hl.cumsum(v, 1)
        products[tile, :] = hl.cumprod(v, dim=-1)
        both[tile, :] = hl.cumsum(v + 1, 1, reverse=True) + hl.cumprod(v + 1, 1, reverse=True)
    return sums, products, both


def cumulative_of_tile(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0), block_size=64):
        out[tile] = hl.cumsum(x[tile] + 1, 0, reverse=True)
    return out


def torch_cumulative(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    sums = torch.empty(x.shape, dtype=torch.cumsum(x, 1).dtype, device=x.device)
    products, method = torch.empty_like(sums), torch.empty_like(sums)
    for tile in hl.tile(x.size(0)):
        sums[tile, :] = torch.cumsum(x[tile, :], 1)
        products[tile, :] = torch.cumprod(x[tile, :], dim=1)
        method[tile, :] = x[tile, :].cumsum(1)
    return sums, products, method


def through_helper(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = hl.associative_scan(smaller_of, x[tile, :], 1)
    return out


def one_element(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = hl.associative_scan(plus, x[tile, :], dim=1) + hl.cumsum(x[tile, :], 1, reverse=True)
    return out


def _rows(*shape: int, dtype: torch.dtype = torch.float32) -> Any:
    return lambda generator: (torch.randn(shape, generator=generator).to(dtype),)


def _integers(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    return (torch.randint(-3, 4, (5, 13), generator=generator, dtype=torch.int32),)


def _pair(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    return torch.randn(5, 13, generator=generator), torch.randn(5, 13, generator=generator)


def _with_segments(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    return torch.randn(5, 13, generator=generator), torch.randint(0, 3, (5, 13), generator=generator).sort(1).values


def _suffixes(function: Any, x: torch.Tensor, dim: int) -> torch.Tensor:
    return function(x.flip(dim), dim).flip(dim)


def _segmented(x: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
    return sum(torch.where(segments == s, x, 0).cumsum(1) * (segments == s) for s in range(3))  # type: ignore[return-value]


def _recurrence(scale: torch.Tensor, shift: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    def run(scale: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
        state, states = torch.zeros_like(shift[:, 0]), []
        for i in range(shift.size(1)):
            state = state * scale[:, i] + shift[:, i]
            states.append(state)
        return torch.stack(states, 1)

    return run(scale, shift), run(scale.flip(1), shift.flip(1)).flip(1)


def _cumulative(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    both = _suffixes(torch.cumsum, x + 1, 1) + _suffixes(torch.cumprod, x + 1, 1)
    return tuple(t.to(x.dtype) for t in (x.cumsum(1), x.cumprod(1), both))


def _torch_cumulative(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return x.cumsum(1), x.cumprod(1), x.cumsum(1)


CASES = (
    OpCase("associative_scan", scan_rows, _rows(5, 13), lambda x: x.cumsum(1)),
    OpCase("associative_scan", scan_rows, _rows(5, 13), lambda x: x.cumsum(1), static_shapes=False),
    OpCase("associative_scan of one element", one_element, _rows(5, 1), lambda x: 2 * x),
    OpCase(
        "associative_scan of a tile, reversed", scan_of_tile, _rows(13, 3), lambda x: _suffixes(lambda v, d: v.cummax(d).values, x + 1, 0)
    ),
    OpCase("associative_scan by a kernel", running_max, _rows(5, 13, dtype=torch.bfloat16), lambda x: x.cummax(1).values),
    OpCase("associative_scan by a torch function", running_min, _rows(5, 13), lambda x: x.cummin(1).values),
    OpCase("associative_scan of tuples", segmented, _with_segments, _segmented),
    OpCase("associative_scan of elements one by one", recurrence, _pair, _recurrence),
    OpCase("associative_scan of torch", torch_spelling, _rows(5, 13), lambda x: x.cumsum(1)),
    OpCase("associative_scan that calls a helper", through_helper, _rows(5, 13), lambda x: x.cummin(1).values),
    OpCase("cumsum and cumprod", cumulative, _rows(5, 13), _cumulative, 1e-4),
    OpCase("cumsum and cumprod of integers", cumulative, _integers, _cumulative),
    OpCase("cumsum of bfloat16", cumulative, _rows(5, 7, dtype=torch.bfloat16), _cumulative, 5e-2),
    OpCase("cumsum of a tile, reversed", cumulative_of_tile, _rows(13), lambda x: _suffixes(torch.cumsum, x + 1, 0)),
    OpCase("torch.cumsum and torch.cumprod", torch_cumulative, _rows(5, 13), _torch_cumulative, 1e-4),
    OpCase("torch.cumsum of integers", torch_cumulative, _integers, _torch_cumulative),
)
