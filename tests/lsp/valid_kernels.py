"""Valid kernels in the styles people write, none of them an example of the toolkit: the editor must find nothing wrong with any."""

# ruff: noqa: UP006, UP035, UP045 - as people write them
# pyright: basic, reportUnusedVariable=false

import math
from typing import Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

import helion
import helion as hx
import helion.language as hl
from helion import language as L

EPS: float = 1e-6
SCALE = 2 * math.pi
LIMITS = (-1.0, 1.0)


def squash(v: Tensor, low: float = LIMITS[0], high: float = LIMITS[1]) -> Tensor:
    """A helper called on the device."""
    return torch.clamp(v, low, high)


@helion.kernel()
def no_annotations(x, y):
    out = torch.empty_like(x)
    for tile in hl.tile(out.size()):
        out[tile] = x[tile] + y[tile]
    return out


@hx.kernel(static_shapes=True)
def other_alias(a: Tensor, b: Tensor) -> Tensor:
    m, n = a.shape
    result = a.new_empty([m, n])
    for rows, cols in L.tile((m, n)):
        result[rows, cols] = a[rows, cols] * b[rows, cols] + SCALE
    return result


@helion.jit
def rms(x: Tensor, weight: Tensor) -> Tensor:
    rows, cols = x.size()
    assert weight.size(0) == cols, "weights fit"
    out = torch.empty_like(x)
    for t in hl.tile(rows):
        v = x[t, :].to(torch.float32)
        inv = torch.rsqrt((v * v).mean(-1, keepdim=True) + EPS)
        out[t, :] = (v * inv * weight[:].to(torch.float32)).to(x.dtype)
    return out


@helion.kernel
def optional_bias(x: Tensor, bias: Optional[Tensor] = None) -> Tensor:
    n, d = x.size()
    out = torch.empty_like(x)
    for t in hl.tile(n):
        v = x[t, :]
        if bias is not None:
            v = v + bias[:]
        out[t, :] = F.relu(v)
    return out


@helion.kernel
def with_helper(x: Tensor, factor: float) -> Tensor:
    """Calls a function of the module."""
    out = torch.empty_like(x)
    for tile in hl.tile(x.numel()):
        out[tile] = squash(x[tile] * factor)
    return out


@helion.kernel
def two_results(x: Tensor) -> Tuple[Tensor, Tensor]:
    n, d = x.size()
    top = torch.empty([n], dtype=x.dtype, device=x.device)
    low = torch.empty([n], dtype=x.dtype, device=x.device)
    for t in hl.tile(n):
        block = x[t, :]
        top[t], low[t] = block.amax(-1), torch.amin(block, dim=-1)
    return top, low


@helion.kernel(config=helion.Config(block_sizes=[64, 64, 32], num_warps=4))
def product_of_halves(x: Tensor, y: Tensor) -> Tensor:
    m, k = x.size()
    k2, n = y.size()
    assert k == k2
    out = torch.zeros([m, n], dtype=torch.float16, device=x.device)
    for i, j in hl.tile([m, n]):
        acc = hl.zeros([i, j], dtype=torch.float32)
        for p in hl.tile(k):
            acc += torch.matmul(x[i, p].to(torch.float16), y[p, j].to(torch.float16))
        out[i, j] = acc.to(out.dtype)
    return out


@helion.kernel
def running_maximum(x: Tensor) -> Tensor:
    n, d = x.size()
    out = torch.empty([n], dtype=torch.float32, device=x.device)
    for t in hl.tile(n):
        best = hl.full([t], float("-inf"), dtype=torch.float32)
        for c in hl.tile(d):
            best = torch.maximum(best, x[t, c].to(torch.float32).amax(1))
        out[t] = best
    return out


@helion.kernel
def gather(table: Tensor, index: Tensor) -> Tensor:
    rows, width = table.size()
    (n,) = index.size()
    out = torch.empty([n, width], dtype=table.dtype, device=table.device)
    for t, c in hl.tile([n, width]):
        out[t, c] = table[index[t], c]
    return out


@helion.kernel
def histogram(values: Tensor, bins: int) -> Tensor:
    (n,) = values.size()
    counts = torch.zeros([bins], dtype=torch.int32, device=values.device)
    for t in hl.tile(n):
        hl.atomic_add(counts, [values[t]], 1)
    return counts


@helion.kernel
def masked_by_index(x: Tensor) -> Tensor:
    n, d = x.size()
    out = torch.empty_like(x)
    for i, j in hl.tile([n, d]):
        keep = i.index[:, None] >= j.index[None, :]
        out[i, j] = torch.where(keep, x[i, j], 0.0)
    return out


@helion.kernel
def specialized_rows(q: Tensor) -> Tensor:
    b, n, head = q.size()
    head = hl.specialize(head)
    out = torch.empty_like(q)
    scale = 1.0 / math.sqrt(head)
    for tb, tn in hl.tile([b, n], block_size=[1, None]):
        out[tb, tn, :] = q[tb, tn, :] * scale
    return out


@helion.kernel
def registered_block(x: Tensor) -> Tensor:
    m, n = x.size()
    block = hl.register_block_size(m)
    out = torch.empty([m], dtype=torch.float32, device=x.device)
    for t in hl.tile(m, block_size=block):
        total = hl.zeros([t], dtype=torch.float32)
        for c in hl.tile(n):
            total = total + x[t, c].sum(1)
        out[t] = total / n
    return out


@helion.kernel
def grid_of_rows(x: Tensor) -> Tensor:
    n, d = x.size()
    out = torch.empty_like(x)
    for row in hl.grid(n):
        shifted = x[row, :] - x[row, :].amax(0)
        weights = torch.exp(shifted)
        out[row, :] = weights / weights.sum(0)
    return out


@helion.kernel
def swap_in_place(x: Tensor, y: Tensor) -> None:
    for t in hl.tile(x.size(0)):
        first, second = x[t], y[t]
        x[t] = second
        y[t] = first


@helion.kernel(
    configs=[
        helion.Config(block_sizes=[32]),
        helion.Config(block_sizes=[128], num_warps=8),
    ]
)
def several_configs(x: Tensor, /, alpha: float = 0.5) -> Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        v = x[tile]
        out[tile] = torch.where(v > 0, v, alpha * (torch.exp(v) - 1))
    return out


class Holder:
    """A kernel in a class."""

    @staticmethod
    @helion.kernel
    def doubled(x: Tensor) -> Tensor:
        out = torch.empty_like(x)
        for tile in hl.tile(x.size()):
            out[tile] = x[tile] * 2
        return out
