"""What `and`, `or` and conditional expressions leave out does not run: no load past the end, no atomic, no division by zero; and they have
the values of their operands."""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.autotuner import BooleanFragment
from tests.language.arguments import matrix, randn, vector
from tests.language.program import Program

kernel = helion.kernel(autotune_effort="none")


@kernel
def atomics_of_one_side(x: torch.Tensor, counts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    out = torch.empty_like(x)
    for i in hl.grid(x.size(0)):
        before = hl.atomic_add(counts, [0], 1) if i < 3 else -1
        first = 1.0
        if i < 5 and hl.atomic_add(counts, [1], 1) >= 0:
            first = 2.0
        if i >= 7 or hl.atomic_add(counts, [2], 1) < 0:
            first += 3.0
        out[i] = first if before >= 0 else -first
    return out, counts


def _sides(x: torch.Tensor, counts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    at = torch.arange(x.size(0), device=x.device)
    first = 1.0 + (at < 5) + 3.0 * (at >= 7)
    return torch.where(at < 3, first, -first), counts + torch.tensor([3, 5, 7], dtype=counts.dtype, device=x.device)


@kernel
def neighbours(x: torch.Tensor) -> torch.Tensor:
    """Beyond the last element there is nothing to load."""
    n = x.size(0)
    out = torch.empty_like(x)
    for i in hl.grid(n):
        after = x[i + 1] if i + 1 < n else -1.0
        run = i
        while run < n and x[run] > 0:
            run = run + 1
        out[i] = after + (run - i)
    return out


def _neighbours(x: torch.Tensor) -> torch.Tensor:
    padded = torch.cat([x[1:], x.new_full([1], -1.0)])
    runs = [next((j - i for j in range(i, x.size(0)) if x[j] <= 0), x.size(0) - i) for i in range(x.size(0))]
    return padded + torch.tensor(runs, device=x.device)


@kernel
def rows_or_numbers(x: torch.Tensor, y: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Sides of other shapes and dtypes, and one within another."""
    out, sums = torch.empty_like(x), x.new_empty(x.size(0))
    for i in hl.grid(x.size(0)):
        out[i, :] = x[i, :] if i < k else y[i, 0].to(torch.float64) if i < k + 2 else 0
        sums[i] = x[i, :].sum() if i < k else (y[i, :].sum() if i == k else 1)
    return out, sums


def _rows(x: torch.Tensor, y: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    out = torch.zeros_like(x)
    out[:k], out[k : k + 2] = x[:k], y[k : k + 2, :1]
    sums = torch.ones_like(x[:, 0])
    sums[:k], sums[k] = x[:k].sum(1), y[k].sum()
    return out, sums


@kernel
def truth_of_integers(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """2 and 1 are both true, and have no bit in common."""
    out = torch.empty_like(x)
    for i in hl.grid(x.size(0)):
        a, b = x[i], y[i]
        found = 0
        if a and b:
            found += 1
        if not (a or b):
            found += 2
        out[i] = found + (a or 7) * 10 + (a and b) * 100
    return out


def _truth(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    found = ((x != 0) & (y != 0)).int() + 2 * ((x == 0) & (y == 0)).int()
    return found.to(x.dtype) + torch.where(x == 0, 7, x) * 10 + torch.where(x == 0, x, y) * 100


@kernel
def defaults(x: torch.Tensor, given: int, left: int | None = None, parts: hl.constexpr = 0) -> torch.Tensor:
    out = torch.empty_like(x)
    block = left or 16
    scale = (x.size(0) and 3) or 7
    if parts != 0 and 8 // parts > 2:
        scale = 100
    for tile in hl.tile(x.size(0), block_size=block):
        times = given or 5
        if parts != 0 and 8 // parts > 2:
            times = 100
        out[tile] = x[tile] * times * scale * (1 if parts == 0 or 8 // parts else 2)
    return out


@kernel
def switched_by_config(x: torch.Tensor) -> torch.Tensor:
    doubled = hl.register_tunable("doubled", BooleanFragment())
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] * (2.0 if doubled else 1.0) / (2.0 if doubled else 1.0)
    return out


def _small(device: str) -> tuple[torch.Tensor, torch.Tensor]:
    values = torch.arange(9, device=device)
    return values // 3, values % 3


PROGRAMS = (
    Program(atomics_of_one_side, lambda d: (randn(9).to(d), torch.zeros(3, dtype=torch.int32, device=d)), _sides),
    Program(neighbours, vector, _neighbours),
    Program(rows_or_numbers, lambda d: (*matrix(d), *matrix(d), 3), _rows),
    Program(truth_of_integers, _small, _truth),
    Program(defaults, lambda d: (*vector(d), 0), lambda x, _: x * 15),
    Program(defaults, lambda d: (*vector(d), 2), lambda x, _: x * 6, call=1),
    Program(switched_by_config, vector, lambda x: x),
)
