"""Sizes of the host's that only running tells: of what is as long as its elements say, and of slices that a tensor may end before."""

from __future__ import annotations

from typing import Any

import torch

import helion
import helion.language as hl
from tests.language.arguments import randn, vector
from tests.language.program import Program

kernel = helion.kernel(autotune_effort="none")


@kernel
def rows_of_a_mask(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    rows = x[mask]
    out = torch.empty_like(rows)
    for tile in hl.tile(rows.size(0)):
        out[tile, :] = torch.softmax(rows[tile, :], -1)
    return out


@kernel
def places_of_a_mask(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    places = mask.nonzero().squeeze(1)
    count = places.size(0)
    out = torch.empty([count, x.size(1)], dtype=x.dtype, device=x.device)
    for tile_n, tile_d in hl.tile([count, x.size(1)]):
        out[tile_n, tile_d] = x[places[tile_n], tile_d] * 2
    return out


@kernel
def pairs_of_a_mask(mask: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    left, right = torch.nonzero(mask, as_tuple=True)
    out = torch.empty([left.numel()], dtype=x.dtype, device=x.device)
    for tile in hl.tile(left.numel()):
        out[tile] = x[left[tile]] - x[right[tile]]
    return out


@kernel
def sums_of_equal_ids(ids: torch.Tensor, weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    known, position = torch.unique(ids, return_inverse=True)
    out = torch.zeros([known.size(0)], dtype=weights.dtype, device=weights.device)
    for tile in hl.tile(ids.size(0)):
        hl.atomic_add(out, [position[tile]], weights[tile])
    return known, out


@kernel
def repeated_rows(x: torch.Tensor, times: torch.Tensor) -> torch.Tensor:
    rows = torch.repeat_interleave(torch.arange(x.size(0), device=x.device), times)
    out = x.new_empty([rows.size(0), x.size(1)])
    for tile_n, tile_d in hl.tile(out.size()):
        out[tile_n, tile_d] = x[rows[tile_n], tile_d]
    return out


@kernel
def two_behind_each_other(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    rows = torch.cat([x[mask], x[~mask]])
    x = x[mask]
    out = torch.empty_like(rows)
    for tile in hl.tile(rows.size(0)):
        out[tile, :] = rows[tile, :] + 1
    return out


def _places(mask: torch.Tensor) -> torch.Tensor:
    found = mask.nonzero()
    return found.squeeze(-1)


@kernel
def places_that_a_function_finds(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    places = _places(mask)
    out = torch.empty([places.numel(), x.size(1)], dtype=x.dtype, device=x.device)
    for tile_n, tile_d in hl.tile(out.size()):
        out[tile_n, tile_d] = x[places[tile_n], tile_d]
    return out


@kernel
def first_elements(x: torch.Tensor, n: int) -> torch.Tensor:
    first = x[:n]
    out = torch.empty_like(first)
    for tile in hl.tile(first.size(0)):
        out[tile] = first[tile] * 3
    return out


@kernel
def last_elements(x: torch.Tensor, n: int) -> torch.Tensor:
    last = x[n:]
    out = torch.empty_like(last)
    for tile in hl.tile(last.size(0)):
        out[tile] = last[tile] * 3
    return out


@kernel
def every_second_element(x: torch.Tensor, n: int) -> torch.Tensor:
    chosen = x[1:n:2]
    out = torch.empty_like(chosen)
    for tile in hl.tile(chosen.numel()):
        out[tile] = chosen[tile] * 3
    return out


@kernel
def as_many_as_another(x: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    first = x[: like.size(0)]
    out = torch.empty_like(first)
    for tile in hl.tile(first.size(0)):
        out[tile] = first[tile] * 3
    return out


@kernel
def as_many_as_an_element_says(x: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    total = offsets[-1].item()
    used = x[:total]
    out = torch.empty_like(used)
    for tile in hl.tile(used.size(0)):
        out[tile] = used[tile] * 3
    return out


@kernel
def heads_side_by_side(x: torch.Tensor, q_size: int, k_size: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    q = x[:, :q_size]
    k = x[:, q_size : q_size + k_size]
    v = x[..., q_size + k_size :]
    out_q, out_k, out_v = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
    for tile in hl.tile(x.size(0)):
        out_q[tile, :] = torch.softmax(q[tile, :], -1)
        out_k[tile, :] = k[tile, :] * 2
        out_v[tile, :] = v[tile, :] + 1
    return out_q, out_k, out_v


def _masked(device: str) -> tuple[Any, ...]:
    return randn(13, 21).to(device), (randn(13, seed=1) > 0).to(device)


def _none_masked(device: str) -> tuple[Any, ...]:
    return randn(13, 21).to(device), torch.zeros([13], dtype=torch.bool, device=device)


def _ids(device: str) -> tuple[Any, ...]:
    return torch.arange(45, device=device) * 7 % 11, randn(45).to(device)


def _sums_of_equal_ids(ids: torch.Tensor, weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    known, position = torch.unique(ids, return_inverse=True)
    return known, torch.zeros(len(known), device=weights.device).index_add_(0, position, weights)


def _pairs(mask: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    left, right = torch.nonzero(mask, as_tuple=True)
    return x[left] - x[right]


def _heads(x: torch.Tensor, q: int, k: int) -> tuple[torch.Tensor, ...]:
    return x[:, :q].softmax(-1), x[:, q : q + k] * 2, x[:, q + k :] + 1


PROGRAMS = (
    Program(rows_of_a_mask, _masked, lambda x, mask: x[mask].softmax(-1)),
    Program(rows_of_a_mask, _none_masked, lambda x, mask: x[mask], call=1),
    Program(places_of_a_mask, _masked, lambda x, mask: x[mask] * 2),
    Program(pairs_of_a_mask, lambda d: ((randn(13, 13) > 1).to(d), randn(13).to(d)), _pairs),
    Program(sums_of_equal_ids, _ids, _sums_of_equal_ids),
    Program(repeated_rows, lambda d: (randn(4, 21).to(d), torch.tensor([2, 0, 3, 1], device=d)), lambda x, n: x.repeat_interleave(n, 0)),
    Program(two_behind_each_other, _masked, lambda x, mask: torch.cat([x[mask], x[~mask]]) + 1),
    Program(places_that_a_function_finds, _masked, lambda x, mask: x[mask]),
    Program(first_elements, lambda d: (*vector(d), 7), lambda x, n: x[:n] * 3),
    Program(first_elements, lambda d: (*vector(d), 70), lambda x, n: x[:n] * 3, call=1),
    Program(first_elements, lambda d: (*vector(d), -7), lambda x, n: x[:n] * 3, call=2),
    Program(last_elements, lambda d: (*vector(d), 7), lambda x, n: x[n:] * 3),
    Program(last_elements, lambda d: (*vector(d), 70), lambda x, n: x[n:] * 3, call=1),
    Program(every_second_element, lambda d: (*vector(d), 30), lambda x, n: x[1:n:2] * 3),
    Program(as_many_as_another, lambda d: (*vector(d), randn(7).to(d)), lambda x, like: x[:7] * 3),
    Program(as_many_as_another, lambda d: (*vector(d), randn(70).to(d)), lambda x, like: x * 3, call=1),
    Program(as_many_as_an_element_says, lambda d: (*vector(d), torch.tensor([0, 4, 13], device=d)), lambda x, offsets: x[:13] * 3),
    Program(heads_side_by_side, lambda d: (randn(13, 21).to(d), 8, 5), _heads),
)
