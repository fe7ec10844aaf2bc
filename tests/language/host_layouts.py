"""Host tensors of which only the run tells how they lie in memory, or what their sizes are."""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from tests.language.arguments import randn
from tests.language.program import Program

kernel = helion.kernel(autotune_effort="none")


@kernel
def made_contiguous(x: torch.Tensor) -> torch.Tensor:
    if not x.is_contiguous():
        x = x.contiguous()
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * 2
    return out


@kernel
def perhaps_transposed(x: torch.Tensor, n: int) -> torch.Tensor:
    if n > 1:
        x = x.t()
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * 2
    return out


@kernel
def one_of_two_views(x: torch.Tensor, y: torch.Tensor, n: int) -> torch.Tensor:
    assert x.size() == y.size()
    first = x if n > 1 else y
    pair = [x, y] if n > 1 else [y, x]
    out = torch.empty(x.size(), device=x.device)
    for tile in hl.tile(x.size()):
        out[tile] = first[tile] * 2 + pair[1][tile]
    return out


@kernel
def perhaps_cut(x: torch.Tensor, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    part = x
    if n > 1:
        part = x[1:, :5]
    elif n > 0:
        part = x[2:]
    rows = part.size(0)
    out, sums = torch.zeros_like(part), x.new_zeros([rows])
    for tile in hl.tile(part.size()):
        out[tile] = part[tile] * 2
    for tile in hl.tile(rows):
        sums[tile] = part[tile, :].sum(-1)
    part = out
    return part, sums


@kernel
def doubled_in_rounds(x: torch.Tensor, n: int) -> torch.Tensor:
    for _ in range(n):
        x = x * 2
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] + 1
    return out


@kernel
def turned_in_rounds(x: torch.Tensor, n: int) -> torch.Tensor:
    """After a round the columns are contiguous, before the first one perhaps the rows."""
    done = 0
    while done < n:
        x = (x * 2).t().contiguous().t()
        done += 1
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] + 1
    return out


@kernel
def swapped_in_rounds(x: torch.Tensor, y: torch.Tensor, n: int) -> torch.Tensor:
    assert x.size() == y.size()
    for _ in range(n):
        x, y = y, x
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] - 2 * y[tile]
    return out


@kernel
def longer_by_rounds(x: torch.Tensor, n: int) -> torch.Tensor:
    """How long it is after the rounds is known where they end; what was made before is as long as it was."""
    short = torch.empty_like(x)
    for _ in range(n):
        x = torch.cat([x, x[:3]])
    done = 0
    while x.size(0) % 4:
        y = torch.cat([x, x[:1]])
        x = y
        done += 1
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * 2
    return out[: short.size(0) + done]


@kernel
def one_behind_the_other(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    both = torch.cat([x, y, x])
    out = torch.empty_like(both)
    for tile in hl.tile(both.size()):
        out[tile] = both[tile] + 1
    return out


def _longer(x: torch.Tensor, n: int) -> torch.Tensor:
    length = x.size(0)
    x = torch.cat([x, *[x[:3]] * n])
    added = -x.size(0) % 4
    return (torch.cat([x, *[x[:1]] * added]) * 2)[: length + added]


def _square(n: int) -> Any:
    return lambda device: (randn(16, 16).to(device), n)


def _views(n: int) -> Any:
    return lambda device: (randn(8, 8).to(device), randn(8, 8, seed=1).to(device).t(), n)


def _cut(x: torch.Tensor, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    part = x[1:, :5] if n > 1 else x[2:] if n > 0 else x
    return part * 2, part.sum(-1)


def _chosen(x: torch.Tensor, y: torch.Tensor, n: int) -> torch.Tensor:
    return x * 2 + y if n > 1 else y * 2 + x


def _swapped(x: torch.Tensor, y: torch.Tensor, n: int) -> torch.Tensor:
    return y - 2 * x if n % 2 else x - 2 * y


@kernel
def groups_of_channels(x: torch.Tensor, weight: torch.Tensor, groups: int) -> torch.Tensor:
    batch, channels, length = x.size()
    assert channels % groups == 0
    per_group = channels // groups
    grouped = x.reshape(batch, groups, per_group, length)
    weights = weight.view(groups, per_group)
    out = torch.empty_like(grouped)
    for b, group in hl.grid([batch, groups]):
        values = grouped[b, group, :, :]
        out[b, group, :, :] = (values - values.mean()) * weights[group, :][:, None]
    return out.view_as(x)


def _groups_of_channels(x: torch.Tensor, weight: torch.Tensor, groups: int) -> torch.Tensor:
    grouped = x.reshape(x.size(0), groups, -1)
    return (grouped - grouped.mean(-1, keepdim=True)).view_as(x) * weight[:, None]


PROGRAMS = (
    Program(groups_of_channels, lambda d: (randn(2, 6, 15).to(d), randn(6, seed=1).to(d), 3), _groups_of_channels),
    Program(made_contiguous, lambda device: (randn(8, 6).to(device).t(),), lambda x: x * 2),
    Program(made_contiguous, lambda device: (randn(12, 16).to(device)[::2, ::2],), lambda x: x * 2, call=1),
    Program(made_contiguous, lambda device: (randn(12, 16).to(device),), lambda x: x * 2, call=2),
    *(Program(perhaps_transposed, _square(n), lambda x, n: (x.t() if n > 1 else x) * 2, call=n) for n in (1, 2)),
    *(Program(one_of_two_views, _views(n), _chosen, call=n) for n in (1, 2)),
    *(Program(perhaps_cut, _square(n), _cut, call=n) for n in (0, 1, 2)),
    *(Program(doubled_in_rounds, _square(n), lambda x, n: x * 2**n + 1, call=n) for n in (0, 1, 3)),
    *(Program(turned_in_rounds, _square(n), lambda x, n: x * 2**n + 1, call=n) for n in (0, 1, 3)),
    *(Program(longer_by_rounds, _square(n), _longer, call=n) for n in (0, 1, 3)),
    Program(one_behind_the_other, lambda device: (randn(5, 6).to(device), randn(8, 6).to(device)), lambda x, y: torch.cat([x, y, x]) + 1),
    *(Program(swapped_in_rounds, _views(n), _swapped, call=n) for n in (0, 1, 2)),
)
