"""Valid kernels that use what few do: odd bounds, odd subscripts, state carried in odd ways; the editor must find nothing wrong with any."""

# ruff: noqa: UP035 - as people write them
# pyright: basic, reportUnusedVariable=false

from __future__ import annotations

import functools
import math
import operator
from typing import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

import helion
import helion.language as hl
from helion.autotuner import EnumFragment, PowerOfTwoFragment

TABLE = {"relu": 0.0, "shifted": 1.5}
TAPS = (0.25, 0.5, 0.25)
BLOCK = 1 << 5
NEGATIVE = -float("inf")


def logged(function):
    return function


@logged
@helion.kernel(static_shapes=False, key=lambda x, *_: x.size(0).bit_length())
def decorated_above(x: Tensor, scale=1.0) -> Tensor:
    out = torch.empty_like(x, dtype=torch.float32)
    for t in hl.tile(x.shape):
        out[t] = x[t].float() * scale
    return out


@helion.kernel(config={"block_sizes": [16], "num_warps": 4})
def part_of_a_range(x: Tensor, begin: int, end: int) -> Tensor:
    out = torch.zeros_like(x)
    for t in hl.tile(begin, end, block_size=None):
        out[t] = x[t] + t.index + t.begin - t.begin + 0 * (t.end - t.begin) + 0 * t.id
    return out


@helion.kernel
def shifted_tiles(x: Tensor) -> Tensor:
    (n,) = x.shape
    out = x.new_empty([n - 2])
    for t in hl.tile(n - 2):
        out[t] = TAPS[0] * x[t] + TAPS[1] * x[t + 1] + TAPS[2] * x[t + 2]
    return out


@helion.kernel
def taps_unrolled(x: Tensor) -> Tensor:
    n = x.size(0)
    out = x.new_zeros([n - len(TAPS) + 1])
    for t in hl.tile(out.size(0)):
        acc = hl.zeros([t], dtype=torch.float32)
        for position, tap in enumerate(TAPS):
            acc = acc + tap * x[t + position]
        for k in hl.static_range(2):
            acc += 0.0 * k
        out[t] = acc
    return out


@helion.kernel
def which_activation(x: Tensor, kind: str = "relu") -> Tensor:
    out = torch.empty_like(x)
    for t in hl.tile(x.size()):
        v = x[t]
        if kind == "relu":
            v = torch.relu(v)
        elif kind == "gelu":
            v = F.gelu(v)
        else:
            v = v + TABLE["shifted"]
        out[t] = v
    return out


@helion.kernel
def many_inputs(xs: list[Tensor], weights: tuple[float, float, float]) -> Tensor:
    first, *_ = xs
    out = torch.empty_like(first)
    for t in hl.tile(first.numel()):
        total = hl.zeros([t], dtype=torch.float32)
        for x, w in zip(xs, weights):
            total = total + x[t] * w
        out[t] = total
    return out


@helion.kernel
def epilogue(x: Tensor, y: Tensor, finish: Callable = lambda acc, tile: acc) -> Tensor:
    m, k = x.size()
    _, n = y.size()
    out = torch.empty([m, n], dtype=torch.promote_types(x.dtype, y.dtype), device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = hl.dot(x[tile_m, tile_k], y[tile_k, tile_n], acc=acc)
        out[tile_m, tile_n] = finish(acc, (tile_m, tile_n)).to(out.dtype)
    return out


@helion.kernel
def row_by_row(x: Tensor) -> Tensor:
    rows, _ = x.size()
    out = x.new_empty([rows])
    for r in hl.grid(rows):
        out[r] = x[r, :].sum()
    return out


@helion.kernel
def last_and_first(x: Tensor) -> Tensor:
    m, n = x.size()
    out = x.new_empty([m, 2])
    for t in hl.tile(m):
        out[t, 0] = x[t, -1]
        out[t, 1] = x[t, 0]
    return out


@helion.kernel
def ellipsis_and_none(x: Tensor, bias: Tensor) -> Tensor:
    b, m, n = x.size()
    out = torch.empty_like(x)
    for t in hl.tile(b):
        out[t, ...] = x[t] + bias[None, :, None]
    return out


@helion.kernel
def every_other(x: Tensor) -> Tensor:
    m, n = x.size()
    n = hl.specialize(n)
    out = x.new_empty([m, n // 2])
    for t in hl.tile(m):
        out[t, :] = x[t, ::2] - x[t, 1::2]
    return out


@helion.kernel
def two_indexers(x: Tensor, rows: Tensor, cols: Tensor) -> Tensor:
    (k,) = rows.size()
    (j,) = cols.size()
    out = x.new_empty([k, j])
    for tk, tj in hl.tile([k, j]):
        out[tk, tj] = x[rows[tk], cols[tj]]
    return out


@helion.kernel
def scalar_from_memory(x: Tensor, scale: Tensor) -> Tensor:
    out = torch.empty_like(x)
    for t in hl.tile(x.size(0)):
        out[t] = x[t] * scale[()] + hl.load(scale, [])
    return out


@helion.kernel
def uneven_rows(values: Tensor, offsets: Tensor) -> Tensor:
    rows = offsets.size(0) - 1
    out = torch.zeros([rows], dtype=values.dtype, device=values.device)
    for t in hl.tile(rows):
        starts, ends = offsets[t], offsets[t.index + 1]
        longest = (ends - starts).amax()
        acc = hl.zeros([t], dtype=torch.float32)
        for u in hl.tile(longest):
            at = starts[:, None] + u.index[None, :]
            inside = u.index[None, :] < (ends - starts)[:, None]
            acc = acc + hl.load(values, [at], extra_mask=inside).sum(1)
        out[t] = acc
    return out


@helion.kernel
def while_on_device(x: Tensor) -> Tensor:
    out = torch.empty_like(x)
    for t in hl.tile(x.size(0), block_size=1):
        v = x[t]
        steps = hl.zeros([t], dtype=torch.int32)
        while (v > 1.0).to(torch.int32).sum() > 0:
            v = torch.where(v > 1.0, v * 0.5, v)
            steps = steps + 1
        out[t] = v + steps
    return out


@helion.kernel
def branch_on_a_program(x: Tensor, y: Tensor) -> Tensor:
    for t in hl.tile(x.size(0)):
        if t.id == 0:
            y[t] = x[t]
        elif t.begin > 64 and not t.begin > 128:
            y[t] = -x[t]
        else:
            y[t] = x[t] * 0
    return y


@helion.kernel
def first_seen_in_both_branches(x: Tensor, flag: bool) -> Tensor:
    out = torch.empty_like(x)
    for t in hl.tile(x.size(0)):
        if flag:
            v = x[t] * 2
        else:
            v = x[t] + 1
        out[t] = v
    return out


@helion.kernel
def running_pair(x: Tensor) -> tuple[Tensor, Tensor]:
    m, n = x.size()
    best = torch.empty([m], dtype=x.dtype, device=x.device)
    where = torch.empty([m], dtype=torch.int64, device=x.device)
    for t in hl.tile(m):
        top = hl.full([t], NEGATIVE, dtype=x.dtype)
        at = hl.zeros([t], dtype=torch.int64)
        for u in hl.tile(n):
            v = x[t, u]
            here = v.amax(-1)
            place = torch.argmax(v, -1) + u.begin
            is_better = here > top
            at = torch.where(is_better, place, at)
            top = torch.maximum(top, here)
        best[t], where[t] = top, at
    return best, where


@helion.kernel
def two_phases(x: Tensor) -> Tensor:
    (n,) = x.size()
    total, out = x.new_zeros([1]), torch.empty_like(x)
    for t in hl.tile(n):
        hl.atomic_add(total, [0], x[t].sum())
    hl.barrier()
    for t in hl.tile(n):
        out[t] = x[t] / total[0]
    return out


@helion.kernel
def halves_of_pairs(x: Tensor) -> Tensor:
    m, n = x.size()
    pairs = hl.specialize(n) // 2
    out = torch.empty_like(x)
    for t in hl.tile(m):
        real, imaginary = hl.split(x[t, :].reshape(t, pairs, 2))
        out[t, :] = hl.join(-imaginary, real).reshape(t, 2 * pairs)
    return out


@helion.kernel
def own_tunables(x: Tensor, y: Tensor) -> Tensor:
    m, n = x.size()
    split = hl.register_tunable("split_n", PowerOfTwoFragment(1, 8))
    kind = hl.register_tunable("kind", EnumFragment(choices=(1, 2)))
    block = hl.register_block_size(16, n)
    out = torch.zeros([m], dtype=torch.float32, device=x.device)
    for t, outer in hl.tile([m, n], block_size=[None, helion.next_power_of_2(helion.cdiv(n, split))]):
        acc = hl.zeros([t], dtype=torch.float32)
        for inner in hl.tile(outer.begin, outer.end, block_size=block):
            acc += (x[t, inner] * y[t, inner]).float().sum(-1) * kind
        hl.atomic_add(out, [t], acc)
    return out


@helion.kernel
def comprehensions(parts: Sequence[Tensor], x: Tensor) -> list[Tensor]:
    outs = [torch.empty_like(x) for _ in range(3)]
    sizes = {"rows": x.size(0)}
    for t in hl.tile(sizes["rows"]):
        values = [x[t] * k for k in (1, 2, 3)]
        for out, value in zip(outs, values):
            out[t] = value
    return outs


@helion.kernel
def functions_of_modules(x: Tensor) -> Tensor:
    n = x.size(0)
    scale = 1.0 / math.sqrt(n)
    out = torch.empty_like(x)
    for t in hl.tile(n):
        v = functools.reduce(operator.add, (x[t], x[t], x[t]))
        out[t] = operator.mul(v, scale) + math.log(2.0)
    return out


@helion.kernel(config=helion.Config(block_sizes=[BLOCK, BLOCK]))
def transposed_view(x: Tensor) -> Tensor:
    view = x.t()
    m, n = view.shape[0], view.shape[-1]
    out = torch.empty((m, n), device=x.device, dtype=x.dtype)
    for a, b in hl.tile(list(view.size())):
        out[a, b] = view[a, b].T.T
    return out


@helion.kernel
def early_answer(x: Tensor, out: Tensor | None = None) -> Tensor:
    """Returns early, asserts, and speaks."""
    assert x.ndim == 1, f"one dimension, not {x.ndim}"
    if out is None:
        out = torch.empty_like(x)
    n = x.numel()
    for t in hl.tile(n):
        print("tile", x[t])
        hl.device_print("values", x[t])
        out[t] = x[t]
    print(f"{n} elements")
    return out


@helion.kernel
def random_mask(x: Tensor, seed: int, p: float = 0.5) -> Tensor:
    out = torch.empty_like(x)
    for t in hl.tile(x.size()):
        keep = hl.rand(x[t].size(), seed) > p
        out[t] = torch.where(keep, x[t] / (1 - p), 0)
    return out


@helion.kernel
def scanned(x: Tensor) -> tuple[Tensor, Tensor]:
    m, n = x.size()
    sums, tops = torch.empty_like(x), torch.empty_like(x)
    for t in hl.tile(m):
        sums[t, :] = torch.cumsum(x[t, :], -1)
        tops[t, :] = hl.associative_scan(torch.maximum, x[t, :], dim=1)
    return sums, tops


@helion.kernel
def jagged(values: Tensor, lengths: Tensor) -> Tensor:
    (rows,) = lengths.size()
    out = torch.zeros([rows], dtype=values.dtype, device=values.device)
    for t in hl.tile(rows):
        ends = lengths[t]
        acc = hl.zeros([t], dtype=values.dtype)
        for u in hl.jagged_tile(ends):
            acc = acc + values[t, u].sum(-1)
        out[t] = acc
    return out


@helion.kernel
def packed_nibbles(x: Tensor, packed: Tensor) -> Tensor:
    m, k = x.size()
    half, n = packed.size()
    out = torch.empty([m, n], dtype=torch.float32, device=x.device)
    block_k = hl.register_block_size(k // 2)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n])
        for tile_k in hl.tile(k // 2, block_size=block_k):
            bits = packed[tile_k, tile_n]
            low, high = (bits << 4) >> 4, bits >> 4
            whole = torch.stack([low.to(x.dtype), high.to(x.dtype)], dim=1).reshape(tile_k.block_size * 2, tile_n.block_size)
            acc = torch.addmm(acc, x[tile_m, tile_k.begin * 2 : tile_k.begin * 2 + tile_k.block_size * 2], whole)
        out[tile_m, tile_n] = acc
    return out
