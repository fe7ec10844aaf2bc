"""Valid kernels that a stranger wrote: each runs, and the editor finds nothing wrong with any."""

# ruff: noqa: F841, PIE790, PYI024, UP045 - as people write them
# pyright: basic, reportUnusedVariable=false

from __future__ import annotations

import dataclasses
import math
from collections import namedtuple
from typing import NamedTuple, Optional

import torch
from torch import Tensor

import helion
import helion.language as hl
from helion.autotuner import BooleanFragment, IntegerFragment

LOG2E: float = math.log2(math.e)
PAIRS = ((0, 1), (1, 0))
Rope = namedtuple("Rope", "cos sin")


class Shape(NamedTuple):
    rows: int
    cols: int


@dataclasses.dataclass
class Weights:
    scale: Tensor
    shift: Tensor
    eps: float = 1e-5


@torch.library.custom_op("odd_kernels::noop", mutates_args=())
def noop(x: Tensor) -> Tensor:
    return x.clone()


def softplus(v, *, beta: float = 1.0):
    # emoji in a helper: 🧮 — and a dash
    return torch.log1p(torch.exp(v * beta)) / beta


def rotate(a: Tensor, b: Tensor, angle: Tensor) -> tuple[Tensor, Tensor]:
    c, s = torch.cos(angle), torch.sin(angle)
    return a * c - b * s, a * s + b * c


def add_combine(a, b):
    return a + b


def linear_combine(left, right):
    (fl, xl), (fr, xr) = left, right
    return fl * fr, xl * fr + xr


def choose(flag: bool):
    if flag:
        return torch.sin
    return torch.cos


@helion.kernel
def rope_pairs(x: Tensor, theta: Tensor) -> Tensor:
    tokens, heads, dim = x.size()
    dim = hl.specialize(dim)
    out = torch.empty_like(x)
    half = dim // 2
    for t, h in hl.tile([tokens, heads]):
        pair = x[t, h, :].reshape([t, h, half, 2])
        even, odd = hl.split(pair)
        e, o = rotate(even, odd, theta[t, :][:, None, :])
        out[t, h, :] = hl.join(e, o).reshape([t, h, dim])
    return out


@helion.kernel
def dataclass_weights(x: Tensor, w: Weights) -> Tensor:
    m, n = x.size()
    out = torch.empty_like(x)
    for t in hl.tile(m):
        v = x[t, :].float()
        mean = v.mean(-1, keepdim=True)
        centred = v - mean
        var = (centred * centred).mean(-1, keepdim=True)
        out[t, :] = centred * torch.rsqrt(var + w.eps) * w.scale[:] + w.shift[:]
    return out


@helion.kernel
def named_tuple_arg(x: Tensor, rope: Rope) -> Tensor:
    m, n = x.shape
    out = x.new_empty(x.shape)
    for a, b in hl.tile(x.shape):
        out[a, b] = x[a, b] * rope.cos[a, b] + x[a, b] * rope.sin[a, b]
    return out


@helion.kernel
def dict_arg(tensors: dict[str, Tensor], key_scale: float) -> Tensor:
    q = tensors["q"]
    out = torch.zeros_like(q)
    for t in hl.tile(q.size()):
        out[t] = tensors["q"][t] + tensors["k"][t] * key_scale
    return out


@helion.kernel
def split_k(x: Tensor, y: Tensor, parts: hl.constexpr = 2) -> Tensor:
    m, k = x.size()
    _, n = y.size()
    out = torch.zeros([m, n], dtype=torch.float32, device=x.device)
    block = hl.register_block_size(16, helion.next_power_of_2(helion.cdiv(k, parts)))
    for tm, tn, outer in hl.tile([m, n, k], block_size=[None, None, block]):
        acc = hl.zeros([tm, tn])
        for inner in hl.tile(outer.begin, outer.end):
            acc = torch.addmm(acc, x[tm, inner], y[inner, tn])
        hl.atomic_add(out, [tm, tn], acc)
    return out


@helion.kernel
def online_softmax(x: Tensor) -> Tensor:
    m, n = x.size()
    out = torch.empty_like(x)
    bm = hl.register_block_size(m)
    bn = hl.register_block_size(n)
    for t in hl.tile(m, block_size=bm):
        mi = hl.full([t], float("-inf"), dtype=torch.float32)
        di = hl.zeros([t], dtype=torch.float32)
        for s in hl.tile(n, block_size=bn):
            v = x[t, s].to(torch.float32)
            new = torch.maximum(mi, v.amax(dim=1))
            di = di * torch.exp(mi - new) + torch.exp(v - new[:, None]).sum(dim=1)
            mi = new
        for s in hl.tile(n, block_size=bn):
            out[t, s] = torch.exp(x[t, s].to(torch.float32) - mi[:, None]) / di[:, None]
    return out


@helion.kernel
def causal_attention(q_in: Tensor, k_in: Tensor, v_in: Tensor) -> Tensor:
    m_dim = q_in.size(-2)
    n_dim = k_in.size(-2)
    head = hl.specialize(q_in.size(-1))
    q_view = q_in.reshape([-1, m_dim, head])
    v_view = v_in.reshape([-1, n_dim, head])
    k_view = k_in.reshape([-1, n_dim, head]).transpose(1, 2)
    out = torch.empty_like(q_view)
    qk_scale = (1.0 / math.sqrt(head)) * LOG2E
    for tb, tm in hl.tile([q_view.size(0), m_dim]):
        m_i = hl.full([tb, tm], float("-inf"), dtype=torch.float32)
        l_i = torch.full_like(m_i, 1.0)
        acc = hl.zeros([tb, tm, head], dtype=torch.float32)
        q = q_view[tb, tm, :]
        for tn in hl.tile(0, tm.end):
            k = k_view[tb, :, tn]
            qk = torch.bmm(q, k) * qk_scale
            seen = tm.index[:, None] >= tn.index[None, :]
            qk = torch.where(seen[None, :, :], qk, float("-inf"))
            m_ij = torch.maximum(m_i, torch.amax(qk, -1))
            p = torch.exp2(qk - m_ij[:, :, None])
            alpha = torch.exp2(m_i - m_ij)
            l_i = l_i * alpha + torch.sum(p, -1)
            acc = acc * alpha[:, :, None]
            acc = torch.baddbmm(acc, p.to(v_view.dtype), v_view[tb, tn, :])
            m_i = m_ij
        out[tb, tm, :] = (acc / (l_i - 1e-30)[:, :, None]).to(out.dtype) if head > 0 else acc
    return out.view(q_in.size())


@helion.kernel
def scan_pairs(f: Tensor, x: Tensor) -> Tensor:
    rows, cols = x.size()
    out = torch.empty_like(x)
    for t in hl.tile(rows):
        _, h = hl.associative_scan(linear_combine, (f[t, :], x[t, :]), dim=1)
        out[t, :] = h
    return out


@helion.kernel
def reduce_tuple(x: Tensor) -> tuple[Tensor, Tensor]:
    n, m = x.size()
    best = torch.empty([n], dtype=x.dtype, device=x.device)
    where = torch.empty([n], dtype=torch.int32, device=x.device)
    for t in hl.tile(n):
        index = hl.arange(m, dtype=torch.int32)[None, :].expand(t, m)
        value, position = hl.reduce(lambda_free_argmax, (x[t, :], index), dim=-1, other=(float("-inf"), 0))
        best[t] = value
        where[t] = position
    return best, where


def lambda_free_argmax(lv, li, rv, ri):
    take = lv > rv
    return torch.where(take, lv, rv), torch.where(take, li, ri)


@helion.kernel
def segmented_sum(values: Tensor, segment: Tensor, out: Tensor) -> Tensor:
    n, d = values.size()
    for t, c in hl.tile([n, d]):
        hl.atomic_add(out, [segment[t], c], values[t, c])
    return out


@helion.kernel
def rows_of_batches(x: Tensor, lengths: Tensor) -> Tensor:
    batch, time, width = x.shape
    out = x.new_zeros([batch, width])
    for b in hl.grid(batch):
        length = lengths[b]
        for w in hl.tile(width):
            total = hl.zeros([w], dtype=torch.float32)
            for s in hl.tile(0, length):
                total += x[b, s, w].sum(0)
            out[b, w] = total / length
    return out


@helion.kernel
def two_grids(x: Tensor, y: Tensor):
    a = torch.empty_like(x)
    b = torch.empty_like(y)
    flat_a, flat_b, flat_x, flat_y = a.view(-1), b.view(-1), x.view(-1), y.view(-1)
    for i in hl.tile(x.numel()):
        flat_a[i] = flat_x[i] * 2 if False else flat_x[i] * 3
    for j in hl.tile(y.numel()):
        flat_b[j] = flat_y[j] - 1
    return a, b


@helion.kernel(static_shapes=False)
def helper_picks(x: Tensor, flag: hl.constexpr = True) -> Tensor:
    out = torch.empty_like(x)
    for t in hl.tile(x.size()):
        fn = choose(flag)
        out[t] = fn(x[t]) + softplus(x[t], beta=2.0)
    return out


@helion.kernel
def tunable_path(x: Tensor) -> Tensor:
    n = x.size(0)
    fast = hl.register_tunable("fast", BooleanFragment())
    rounds = hl.register_tunable("rounds", IntegerFragment(1, 4, 2))
    out = torch.empty_like(x)
    for t in hl.tile(n):
        v = x[t]
        for _ in range(rounds):
            v = v + 0.0
        if fast:
            out[t] = v
        else:
            out[t] = v + 0
    return out


@helion.kernel
def conv1d(x: Tensor, w: Tensor, bias: Optional[Tensor] = None) -> Tensor:
    n, length = x.shape
    taps = hl.specialize(w.shape[0])
    valid = length - taps + 1
    out = torch.empty([n, valid], dtype=torch.float32, device=x.device)
    for r, t in hl.tile([n, valid]):
        acc = hl.zeros([r, t], dtype=torch.float32)
        for k in hl.static_range(taps):
            acc = acc + hl.load(x, [r, t.index + k]) * w[k]
        if bias is not None:
            acc = acc + bias[0]
        out[r, t] = acc
    return out


@helion.kernel
def triu_by_grid(x: Tensor, diagonal: int = 0) -> Tensor:
    m, n = x.shape
    out = torch.zeros_like(x)
    for i in hl.grid(m):
        for c in hl.tile(n):
            keep = (c.index - i) >= diagonal
            hl.store(out, [i, c], x[i, c], extra_mask=keep)
    return out


@helion.kernel
def cumulative(x: Tensor) -> tuple[Tensor, Tensor]:
    m, n = x.size()
    s, p = torch.empty_like(x), torch.empty_like(x)
    for t in hl.tile(m):
        row = x[t, :]
        s[t, :] = torch.cumsum(row, 1)
        p[t, :] = hl.associative_scan(add_combine, row, 1, reverse=True)
    return s, p


@helion.kernel
def logits(x: Tensor, labels: Tensor) -> Tensor:
    n, v = x.shape
    losses = torch.zeros([n], dtype=torch.float32, device=x.device)
    flat = x.view(-1)
    for t in hl.tile(n):
        picked = hl.load(flat, [t.index * v + labels[t]])
        row = x[t, :].to(torch.float32)
        top = row.amax(-1, keepdim=True)
        lse = torch.log(torch.exp(row - top).sum(-1)) + top.squeeze(-1)
        losses[t] = lse - picked
    return losses.mean()


@helion.kernel
def partial_sums(x: Tensor) -> Tensor:
    m, n = x.size()
    bs = hl.register_block_size(m)
    partial = x.new_empty([helion.cdiv(m, bs), n], dtype=torch.float32)
    for outer in hl.tile(m, block_size=bs):
        acc = x.new_zeros([n], dtype=torch.float32)
        for inner in hl.tile(outer.begin, outer.end):
            acc = acc + x[inner, :].to(torch.float32).sum(0)
        partial[outer.id, :] = acc
    return partial.sum(0).to(x.dtype)


@helion.kernel
def print_and_pass(x: Tensor) -> Tensor:
    """Has a `print` of the host, an f-string, an assert with a message and a walrus."""
    assert x.ndim == 1, f"one dimension, not {x.ndim}"
    if (n := x.size(0)) > 1 << 40:
        raise ValueError("too long")
    out = torch.empty_like(x)
    for t in hl.tile(n):
        pass
        out[t] = -x[t]
    return out


@helion.kernel
def swapped(x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
    outs = [torch.empty_like(x) for _ in range(2)]
    for t in hl.tile(x.size(0)):
        a, b = x[t], y[t]
        a, b = b, a
        for target, value in zip(outs, (a, b)):
            target[t] = value
    return tuple(outs)


@helion.kernel
def mixed_index(x: Tensor, index: Tensor) -> Tensor:
    n, heads, d = x.size()
    out = torch.empty([index.size(0), d], dtype=x.dtype, device=x.device)
    for t, e in hl.tile([index.size(0), d]):
        out[t, e] = x[index[t], heads - 1, e] + x[index[t], 0, e] - x[index[t], 0, e]
    return out


@helion.kernel
def bits(x: Tensor) -> Tensor:
    out = torch.empty_like(x)
    for t in hl.tile(x.size()):
        v = x[t]
        v = v ^ (v >> 3)
        v = v & 0xFF | (v << 1) & ~0x7
        out[t] = torch.where((v & 1) == 0, v, -v)
    return out


@helion.kernel
def while_halving(x: Tensor) -> Tensor:
    out = torch.empty_like(x)
    for t in hl.tile(x.size(0)):
        v = x[t]
        steps = 0
        while (v.abs().amax(0) > 1.0) and (steps < 8):
            v = v * 0.5
            steps = steps + 1
        out[t] = v
    return out


@helion.kernel
def layer_stats(
    x: Tensor,
) -> tuple[Tensor, Tensor]:
    m = x.size(0)
    n = x.size(1)
    mean = x.new_empty(m)
    std = x.new_empty((m,))
    for tile in hl.tile(m):
        var_, mean_ = torch.var_mean(x[tile, :], dim=-1, correction=0)
        mean[tile], std[tile] = mean_, torch.sqrt(var_)
    return mean, std


class Namespace:
    """Kernels in classes."""

    class Inner:
        @staticmethod
        @helion.kernel
        def shifted(x: Tensor, by: float = 1.0) -> Tensor:
            result: Tensor = torch.empty_like(x)
            for tile in hl.tile(x.numel()):
                result[tile] = x[tile] + by
            return result
