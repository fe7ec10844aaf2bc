"""Valid kernels in styles that neither the other lists nor the examples have, each as somebody may write it."""

# ruff: noqa: B007, F841, UP007, UP045 - as people write them
# pyright: basic, reportUnusedVariable=false

import enum
import functools
import math
import operator
from dataclasses import dataclass
from typing import Annotated, Final, NamedTuple, Optional, Union

import torch
import torch.nn.functional as F
from torch import Tensor

import helion
import helion.language as hl
from helion import cdiv

LN2: Final = math.log(2.0)
TABLE = {"gelu": 0.044715, "root": math.sqrt(2 / math.pi)}


class Mode(enum.Enum):
    SUM = "sum"
    MEAN = "mean"


class Band(NamedTuple):
    low: float
    high: float


@dataclass(frozen=True)
class Limits:
    most: float = 3.0


BAND, LIMITS = Band(-0.5, 0.5), Limits()


def either(condition, left, right):
    return torch.where(condition, left, right)


clamped = functools.partial(torch.clamp, min=BAND.low, max=BAND.high)


@helion.kernel(static_shapes=False)
def annotated_locals(x: Tensor) -> Tensor:
    """Rows' logsumexp in base two; every local says its type."""
    rows: int = x.size(0)
    cols: int = x.size(1)
    out: Tensor = x.new_empty(rows)
    for row in hl.tile(rows):
        top: Tensor = hl.full([row], -math.inf, dtype=torch.float32)
        total: Tensor = hl.zeros([row])
        for col in hl.tile(cols):
            block = x[row, col].float()
            new = torch.maximum(top, block.max(dim=-1).values)
            total = total * (top - new).exp() + (block - new[:, None]).exp().sum(dim=-1)
            top = new
        out[row] = ((top + total.log()) / LN2).to(out.dtype)
    return out


@helion.kernel()
def leading_sizes(x: Tensor, weight: Tensor) -> Tensor:
    *batch, width = x.shape
    flat = x.reshape(-1, width)
    count, _ = flat.shape
    out = torch.empty_like(flat)
    for t in hl.tile(count):
        v = flat[t, :].to(torch.float32)
        out[t, :] = (v * torch.rsqrt(v.square().mean(-1, True) + 1e-6) * weight[None, :]).to(x.dtype)
    return out.view(*batch, width)


@helion.kernel
def tanh_gelu(x: Tensor) -> Tensor:
    out = torch.empty_like(x)
    flat, flat_out = x.view(-1), out.view(-1)
    for t in hl.tile(x.numel()):
        v = flat[t]
        inner = TABLE["root"] * (v + TABLE["gelu"] * v**3)
        flat_out[t] = 0.5 * v * (1.0 + torch.tanh(inner))
    return out


@helion.kernel
def by_mode(x: Tensor, mode: str = Mode.SUM.value) -> Tensor:
    m, n = x.size()
    if mode == Mode.SUM.value:
        scale = 1.0
    elif mode == "mean":
        scale = 1.0 / n
    else:
        raise ValueError(f"no such mode: {mode}")
    out = torch.empty(m, dtype=x.dtype, device=x.device)
    for t in hl.tile(m):
        out[t] = x[t, :].sum(1) * scale
    return out


@helion.kernel
def fibonacci_hash(keys: Tensor, bits: hl.constexpr = 8) -> Tensor:
    out = torch.empty_like(keys)
    for (t,) in hl.tile([keys.shape[0]]):
        k = keys[t].to(torch.int64) * 2654435769 & 0xFFFFFFFF
        k ^= k >> 15
        out[t] = (k >> (32 - bits)).to(keys.dtype) & ((1 << bits) - 1)
    return out


@helion.kernel
def average_pool(image: Tensor, size: hl.constexpr = 2) -> Tensor:
    n, c, h, w = image.shape
    oh, ow = h // size, w // size
    out = image.new_empty([n, c, oh, ow])
    for b, ch, y, z in hl.tile([n, c, oh, ow], block_size=[1, None, None, None]):
        acc = hl.zeros([b, ch, y, z], dtype=torch.float32)
        for dy in hl.static_range(size):
            for dx in hl.static_range(size):
                acc += hl.load(image, [b, ch, y.index * size + dy, z.index * size + dx])
        out[b, ch, y, z] = (acc / size**2).to(image.dtype)
    return out


@helion.kernel
def banded(x: Tensor, width: int) -> Tensor:
    n = x.size(0)
    out = torch.zeros_like(x)
    for i, j in hl.tile([n, n]):
        distance = i.index[:, None] - j.index[None, :]
        inside = (distance <= width) & ~(distance < -width)
        out[i, j] = either(inside, x[i, j], 0.0)
    return out


@helion.kernel
def power_iteration(a: Tensor, v: Tensor, steps: int) -> Tensor:
    n = hl.specialize(a.size(0))
    assert n >= 1 and v.ndim == 1, (n, v.ndim)
    out = torch.empty_like(v)
    for t in hl.tile(1):
        current = v[:].float()
        for _ in hl.static_range(3):
            following = (a[:, :].float() * current[None, :]).sum(-1)
            current = following / following.abs().amax(0)
        out[:] = current.to(v.dtype) * (1.0 if steps > 0 else -1.0)
    return out


@helion.kernel
def swap_and_scan(x: Tensor) -> Tensor:
    rows, cols = x.size()
    out = torch.empty([rows, 2], dtype=x.dtype, device=x.device)
    for r in hl.tile(rows):
        first = hl.zeros([r], dtype=torch.float32)
        second = hl.full([r], 1.0)
        for c in hl.grid(cols):
            first, second = second, first + x[r, c].float() * 0.5
        out[r, 0], out[r, 1] = first.to(x.dtype), second.to(x.dtype)
    return out


@helion.kernel
def promoted(x: Tensor, y: Tensor, beta: Union[int, float] = 1.0) -> Tensor:
    assert x.shape == y.shape, f"{x.shape} is not {y.shape}"
    dtype = torch.promote_types(x.dtype, y.dtype)
    least = torch.finfo(dtype).min
    out = torch.empty(x.shape, dtype=dtype, device=x.device)
    for t in hl.tile(x.shape):
        out[t] = torch.maximum(x[t] + beta * y[t], torch.full_like(x[t], least, dtype=dtype))
    return out


@helion.kernel
def clip_by_norm(x: Tensor, bias: Annotated[Optional[Tensor], "added first"] = None, limit: float = LIMITS.most) -> Tensor:
    m, n = x.shape[0], x.shape[-1]
    out = torch.empty_like(x)
    for t in hl.tile(m):
        v = x[t, :] if bias is None else x[t, :] + bias[:]
        norm = torch.linalg.vector_norm(v, dim=-1, keepdim=True)
        out[t, :] = torch.where(norm > limit, v * (limit / norm), v)
    return out


@helion.kernel
def huber(prediction: "Tensor", target: "Tensor", delta: "float" = 1.0) -> "Tensor":
    loss = prediction.new_zeros([])
    first, second = map(Tensor.flatten, (prediction, target))
    for t in hl.tile(prediction.numel()):
        error = first[t] - second[t]
        size = error.abs()
        each = torch.where(size < delta, 0.5 * error * error, delta * (size - 0.5 * delta))
        hl.atomic_add(loss, [], each.sum())
    return loss / prediction.numel()


@helion.kernel
def blocks_of_a_row(x: Tensor, group: hl.constexpr = 4) -> tuple[Tensor, Tensor]:
    m, n = x.size()
    scales = x.new_empty([m, n // group])
    out = torch.empty([m, n], dtype=torch.int8, device=x.device)
    for t, g in hl.tile([m, n // group], block_size=[None, 1]):
        columns = g.begin * group + hl.arange(group)
        v = x[t, columns]
        scale = v.abs().amax(-1) / 127.0 + 1e-8
        scales[t, g] = scale[:, None]
        out[t, columns] = torch.round(v / scale[:, None]).to(torch.int8)
    return out, scales


@helion.kernel
def chained(x: Tensor, low: float, high: float) -> Tensor:
    out = torch.empty_like(x, dtype=torch.bool)
    for t in hl.tile(x.size()):
        v = clamped(x[t])
        out[t] = torch.logical_and(operator.gt(v, low), v < high)
    return out


@helion.kernel
def every_third(x: Tensor) -> Tensor:
    n = x.size(0)
    kept = cdiv(n, 3)
    out = x.new_full((kept,), float("nan"))
    for t in hl.tile(kept):
        out[t] = F.silu(x[t.index * 3]) + x[t.index * 3].sigmoid()
    return out


class Layer:
    slope = 0.1

    @staticmethod
    @helion.kernel
    def leaky(x: Tensor, slope: float = slope) -> Tensor:
        out = torch.empty_like(x)
        for t in hl.tile(x.size(0)):
            v = x[t]
            out[t] = v if slope == 1.0 else torch.where(v >= 0, v, slope * v)
        return out


def outer(**options):
    @helion.kernel(**options)
    def inner(x: Tensor, scale: float) -> Tensor:
        out = torch.empty_like(x)
        for t in hl.tile(len(x)):
            out[t] = x[t].mul(scale).add(1)
        return out

    return inner
