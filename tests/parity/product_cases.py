"""Examples of matrix products: split, batched, quantized, packed, gathered, and with what follows them."""

from __future__ import annotations

import torch
from torch.nn import functional as F

import helion.language as hl
from examples import (
    addmm,
    bf16xint16_gemm,
    broadcast_matmul,
    epilogue_subtiling,
    fp8_gemm,
    fp8_matmul,
    gather_gemv,
    int4_gemm,
    matmul,
    matmul_layernorm,
    matmul_split_k,
    nvfp4_gemm,
    nvfp4_gemv,
    se_block,
    split_k_barrier,
)
from tests.parity.case import Case, Draw, Shape, Shapes, normal, normal_float32, places_in

_Drawn = list[torch.Tensor]
_PRODUCTS: tuple[Shapes, ...] = (((1, 1), (1, 1)), ((37, 53), (53, 29)), ((64, 32), (32, 16)), ((17, 0), (0, 5)), ((0, 8), (8, 8)))
_SPLIT: tuple[Shapes, ...] = (((1, 1), (1, 1)), ((13, 300), (300, 29)), ((16, 256), (256, 32)), ((0, 8), (8, 8)))
_BATCHES: tuple[Shapes, ...] = (((1, 1, 1), (1, 1)), ((3, 17, 29), (29, 13)), ((2, 16, 0), (0, 8)), ((0, 3, 4), (4, 5)))
_PACKED: tuple[Shapes, ...] = (((1, 2), (1, 1)), ((37, 54), (27, 29)), ((16, 128), (64, 32)), ((17, 0), (0, 5)))
_EXPERTS: tuple[Shapes, ...] = (((1, 1, 1), (1,), (1,)), ((5, 37, 300), (3,), (300,)), ((2, 8, 0), (2,), (0,)))
_FLOAT4: tuple[Shapes, ...] = (((1, 8), (1, 8), (1, 1), (1, 1)), ((37, 56), (29, 56), (37, 7), (29, 7)), ((3, 0), (5, 0), (3, 0), (5, 0)))
_FLOAT4_VECTORS: tuple[Shapes, ...] = (((1, 8), (1, 1), (16,)), ((37, 56), (37, 7), (112,)), ((3, 0), (3, 0), (0,)))
_GATES: tuple[Shapes, ...] = (((1, 1), (1, 1)), ((37, 24), (24, 24)), ((0, 8), (8, 8)))
_HALF = (torch.bfloat16,)


def _small(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    """Values whose sums of products stay near 1."""
    return (torch.randn(shape, generator=generator) * 0.3).to(dtype)


def _integers(dtype: torch.dtype, low: int, high: int) -> Draw:
    def draw(shape: Shape, generator: torch.Generator, _: torch.dtype, drawn: _Drawn) -> torch.Tensor:
        return torch.randint(low, high, shape, generator=generator).to(dtype)

    return draw


def _as(dtype: torch.dtype) -> Draw:
    def draw(shape: Shape, generator: torch.Generator, _: torch.dtype, drawn: _Drawn) -> torch.Tensor:
        return torch.randn(shape, generator=generator).to(dtype)

    return draw


def _scales(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return torch.rand(shape, generator=generator) + 0.5


# Hopper's tensor cores align products of 8-bit floats to the largest and keep some 14 bits of their sums (DeepSeek-V3's report measured
# it, 3.3.2), also where the accumulator is float32: sums of up to 16 are off by 2^-9 with each instruction, here two.
_TOLERANCE_OF_FLOAT8 = 4e-3


def _narrow_scales(shape: Shape, generator: torch.Generator, dtype: torch.dtype, drawn: _Drawn) -> torch.Tensor:
    return (torch.rand(shape, generator=generator) * 0.25 + 0.25).to(torch.float8_e4m3fn)


def _add_columns(acc: torch.Tensor, tile: tuple[hl.Tile, hl.Tile]) -> torch.Tensor:
    return acc + tile[1].index


def _matmul_backward(grad: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return grad @ y.T, x.T @ grad


def _addmm(bias: torch.Tensor, x: torch.Tensor, y: torch.Tensor, alpha: float, beta: float) -> torch.Tensor:
    return beta * bias + alpha * (x @ y)


def _addmm_backward(
    grad: torch.Tensor, bias: torch.Tensor, x: torch.Tensor, y: torch.Tensor, alpha: float, beta: float
) -> tuple[torch.Tensor, ...]:
    return beta * grad, alpha * (grad @ y.T), alpha * (x.T @ grad)


def _se_block(x: torch.Tensor, w: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    gates = torch.sigmoid(x @ w)
    return 2 * x * gates, gates


def _se_block_backward(grad: torch.Tensor, x: torch.Tensor, w: torch.Tensor, gates: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    slope = 2 * grad * x * gates * (1 - gates)
    return 2 * grad * gates + slope @ w.T, x.T @ slope


def _layer_norm(x: torch.Tensor, y: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return F.layer_norm(x @ y, [y.size(1)], weight, bias)


def _float32_product(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (x @ y).float()


def _scaled_product(
    x: torch.Tensor, y: torch.Tensor, x_scale: torch.Tensor, y_scale: torch.Tensor, bias: torch.Tensor | None = None
) -> torch.Tensor:
    product = (x @ y) * x_scale[:, None] * y_scale
    return product if bias is None else product + bias


def _widened(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Integers are rounded to bfloat16 first, as the kernel does."""
    x, y = (t if t.is_floating_point() else t.bfloat16().double() for t in (x, y))
    return x @ y


PRODUCT_CASES = (
    Case("matmul_backward", matmul.matmul_backward, _matmul_backward, tuple(((x[0], y[1]), x, y) for x, y in _PRODUCTS)),
    Case("addmm", addmm.addmm, _addmm, tuple(((y[1],), x, y) for x, y in _PRODUCTS), (0.5, 2.0)),
    Case(
        "addmm_backward",
        addmm.addmm_backward,
        _addmm_backward,
        tuple(((x[0], y[1]), (x[0], y[1]), x, y) for x, y in _PRODUCTS),
        (0.5, 2.0),
    ),
    Case("matmul_split_k", matmul_split_k.matmul_split_k, torch.matmul, _SPLIT, draws=(_small, _small), dtypes=(torch.float32,)),
    Case(
        "matmul_split_k with epilogue",
        matmul_split_k.matmul_split_k,
        lambda x, y, epilogue: x @ y + torch.arange(y.size(1), device=x.device),
        _SPLIT,
        (_add_columns,),
        draws=(_small, _small),
        dtypes=(torch.float32,),
    ),
    Case("split_k_barrier", split_k_barrier.split_k_barrier, torch.matmul, _SPLIT, draws=(_small, _small)),
    Case(
        "residual_gelu",
        epilogue_subtiling.residual_gelu,
        epilogue_subtiling.reference_residual_gelu,
        tuple((x, y, (y[1],), (x[0], y[1])) for x, y in _PRODUCTS),
        draws=(_small, _small),
    ),
    Case(
        "gradient_and_activation",
        epilogue_subtiling.gradient_and_activation,
        epilogue_subtiling.reference_gradient_and_activation,
        _PRODUCTS,
        draws=(_small, _small),
    ),
    Case("broadcast_matmul", broadcast_matmul.broadcast_matmul, torch.matmul, _BATCHES),
    Case(
        "matmul_layernorm",
        matmul_layernorm.matmul_layernorm,
        _layer_norm,
        tuple((x, y, (y[1],), (y[1],)) for x, y in (_PRODUCTS[1], *_PRODUCTS[:1], *_PRODUCTS[2:])),
    ),
    *(
        Case(
            f"fp8_gemm {name}",
            fp8_gemm.fp8_gemm,
            _float32_product,
            _PRODUCTS,
            draws=(_as(dtype), _as(dtype)),
            dtypes=(torch.float32,),
            gpu_tolerance=_TOLERANCE_OF_FLOAT8,
        )
        for name, dtype in (("e4m3", torch.float8_e4m3fn), ("e5m2", torch.float8_e5m2))
    ),
    Case(
        "fp8_matmul",
        fp8_matmul.fp8_matmul,
        _scaled_product,
        tuple((x, y, x[:1], y[1:]) for x, y in _PRODUCTS),
        draws=(_as(torch.float8_e4m3fn), _as(torch.float8_e4m3fn), _scales, _scales),
        dtypes=_HALF,
    ),
    Case(
        "fp8_matmul with bias",
        fp8_matmul.fp8_matmul,
        _scaled_product,
        tuple((x, y, x[:1], y[1:], y[1:]) for x, y in _PRODUCTS),
        draws=(_as(torch.float8_e4m3fn), _as(torch.float8_e4m3fn), _scales, _scales, normal_float32),
        dtypes=_HALF,
    ),
    Case("bf16xint16", bf16xint16_gemm.bf16xint16, _widened, _PRODUCTS, draws=(normal, _integers(torch.int16, -99, 99)), dtypes=_HALF),
    Case("int16xbf16", bf16xint16_gemm.int16xbf16, _widened, _PRODUCTS, draws=(_integers(torch.int16, -99, 99), normal), dtypes=_HALF),
    Case(
        "int4_gemm",
        int4_gemm.int4_gemm,
        lambda x, packed: x @ int4_gemm.unpack(packed).double(),
        _PACKED,
        draws=(normal, _integers(torch.int8, -128, 128)),
        dtypes=_HALF,
    ),
    Case(
        "gather_gemv",
        gather_gemv.gather_gemv,
        lambda weights, index, x: weights[index] @ x,
        _EXPERTS,
        draws=(normal, places_in(0, 0), normal),
    ),
    Case(
        "nvfp4_gemm",
        nvfp4_gemm.nvfp4_gemm,
        lambda x, w, x_scale, w_scale, scale: (
            scale * (nvfp4_gemm.unpacked(x, x_scale).double() @ nvfp4_gemm.unpacked(w, w_scale).double().T)
        ),
        _FLOAT4,
        (0.5,),
        draws=(_integers(torch.uint8, 0, 256), _integers(torch.uint8, 0, 256), _narrow_scales, _narrow_scales),
        dtypes=_HALF,
    ),
    Case(
        "nvfp4_gemv",
        nvfp4_gemv.nvfp4_gemv,
        lambda w, scales, x: nvfp4_gemm.unpacked(w, scales).double() @ x,
        _FLOAT4_VECTORS,
        draws=(_integers(torch.uint8, 0, 256), _narrow_scales),
        dtypes=_HALF,
    ),
    Case("se_block", se_block.se_block, _se_block, _GATES, draws=(_small, _small)),
    Case(
        "se_block_backward",
        se_block.se_block_backward,
        _se_block_backward,
        tuple((x, x, w, x) for x, w in _GATES),
        draws=(_small, _small, _small, _small),
    ),
)
