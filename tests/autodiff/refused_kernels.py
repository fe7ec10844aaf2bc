"""Kernels that have no gradient kernel, each with what is said of it."""

from __future__ import annotations

import torch

import helion
import helion.language as hl

X = torch.ones(8, 8)


@helion.kernel(autotune_effort="none")
def in_an_inner_loop(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0)])
    for tile_m in hl.tile(x.size(0)):
        acc = hl.zeros([tile_m])
        for tile_n in hl.tile(x.size(1)):
            acc = acc + x[tile_m, tile_n].sum(-1)
        out[tile_m] = acc
    return out


@helion.kernel(autotune_effort="none")
def by_an_atomic(x: torch.Tensor) -> torch.Tensor:
    out = torch.zeros([x.size(1)])
    for tile_m, tile_n in hl.tile(x.size()):
        hl.atomic_add(out, [tile_n], x[tile_m, tile_n].sum(0))
    return out


@helion.kernel(autotune_effort="none")
def of_a_transposed(x: torch.Tensor) -> torch.Tensor:
    turned = x.t()
    out = torch.empty_like(turned)
    for tile_m, tile_n in hl.tile(turned.size()):
        out[tile_m, tile_n] = turned[tile_m, tile_n].exp()
    return out


@helion.kernel(autotune_effort="none")
def into_its_argument(x: torch.Tensor) -> torch.Tensor:
    for tile_m, tile_n in hl.tile(x.size()):
        x[tile_m, tile_n] = x[tile_m, tile_n].exp()
    return x


@helion.kernel(autotune_effort="none")
def computed_afterwards(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile(x.size()):
        out[tile_m, tile_n] = x[tile_m, tile_n].exp()
    return out.sum()


@helion.kernel(autotune_effort="none")
def at_random(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile(x.size()):
        v = x[tile_m, tile_n]
        out[tile_m, tile_n] = v * torch.rand_like(v)
    return out


@helion.kernel(autotune_effort="none")
def of_no_argument(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile(x.size()):
        out[tile_m, tile_n] = tile_n.index.to(torch.float32)[None, :] + hl.zeros([tile_m, tile_n])
    return out


@helion.kernel(autotune_effort="none")
def in_two_loops(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    more = torch.empty_like(x)
    for tile_m, tile_n in hl.tile(x.size()):
        out[tile_m, tile_n] = x[tile_m, tile_n].exp()
    for tile_m, tile_n in hl.tile(x.size()):
        more[tile_m, tile_n] = x[tile_m, tile_n].sin()
    return more


REFUSED = (
    (in_an_inner_loop, "a loop in a tile", "for tile_n"),
    (by_an_atomic, "`hl.atomic_add`", "hl.atomic_add(out"),
    (of_a_transposed, "a load of `turned`", "turned[tile_m, tile_n]"),
    (into_its_argument, "a store to the argument `x`", "x[tile_m, tile_n]"),
    (computed_afterwards, "what is returned", "out.sum()"),
    (at_random, "a random number", "for tile_m, tile_n"),
    (of_no_argument, "no output depends on an argument", "def of_no_argument"),
    (in_two_loops, "2 top-level loops", "for tile_m, tile_n"),
)
