"""Matrix products: every spelling, dtype and rank; odd sizes; short K."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F

import helion.language as hl
from tests.parity.op_cases import OpCase


def dot_in_loop(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, k = x.size()
    n = y.size(1)
    out = torch.empty([m, n], dtype=torch.float32, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n])
        for tile_k in hl.tile(k):
            acc = hl.dot(x[tile_m, tile_k], y[tile_k, tile_n], acc=acc)
        out[tile_m, tile_n] = acc
    return out


def dot_to_int32(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, k = x.size()
    n = y.size(1)
    out = torch.empty([m, n], dtype=torch.int32, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.int32)
        for tile_k in hl.tile(k):
            acc = hl.dot(x[tile_m, tile_k], y[tile_k, tile_n], acc=acc)
        out[tile_m, tile_n] = acc
    return out


def dot_to_float16(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, k = x.size()
    n = y.size(1)
    out = torch.empty([m, n], dtype=torch.float16, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float16)
        for tile_k in hl.tile(k):
            acc = hl.dot(x[tile_m, tile_k], y[tile_k, tile_n], acc)
        out[tile_m, tile_n] = acc
    return out


def dot_of_rows(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(1)], dtype=torch.float32, device=x.device)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = hl.dot(x[tile, :], y[:, :])
    return out


def dot_as_bfloat16(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(1)], dtype=torch.bfloat16, device=x.device)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = hl.dot(x[tile, :], y[:, :], out_dtype=torch.bfloat16)
    return out


def dot_of_batches(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    b, m, k = x.size()
    n = y.size(2)
    out = torch.empty([b, m, n], dtype=torch.float32, device=x.device)
    for tile_b, tile_m, tile_n in hl.tile([b, m, n]):
        acc = hl.zeros([tile_b, tile_m, tile_n])
        for tile_k in hl.tile(k):
            acc = hl.dot(x[tile_b, tile_m, tile_k], y[tile_b, tile_k, tile_n], acc=acc)
        out[tile_b, tile_m, tile_n] = acc
    return out


def dot_with_shared_matrix(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), x.size(1), y.size(2)], dtype=torch.float32, device=x.device)
    for tile in hl.tile(x.size(1)):
        out[:, tile, :] = hl.dot(x[:, tile, :], y[:, :, :])
    return out


def matmul_operator(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, k = x.size()
    n = y.size(1)
    out = torch.empty([m, n], dtype=torch.promote_types(x.dtype, y.dtype), device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n])
        for tile_k in hl.tile(k):
            acc += x[tile_m, tile_k] @ y[tile_k, tile_n]
        out[tile_m, tile_n] = acc
    return out


def matmul_of_rows(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(1)], dtype=x.dtype, device=x.device)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = torch.matmul(x[tile, :], y[:, :])
    return out


def mm_with_dtype(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(1)], dtype=torch.float32, device=x.device)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = torch.mm(x[tile, :], y[:, :], out_dtype=torch.float32)
    return out


def bmm_with_dtype(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), x.size(1), y.size(2)], dtype=torch.float32, device=x.device)
    for tile_b, tile_m in hl.tile([x.size(0), x.size(1)]):
        out[tile_b, tile_m, :] = torch.bmm(x[tile_b, tile_m, :], y[tile_b, :, :], out_dtype=torch.float32)
    return out


def addmm_in_loop(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, k = x.size()
    n = y.size(1)
    out = torch.empty([m, n], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = torch.addmm(acc, x[tile_m, tile_k] + 1, y[tile_k, tile_n] + 1)
        out[tile_m, tile_n] = acc
    return out


def addmm_of_bias(x: torch.Tensor, y: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(1)], dtype=x.dtype, device=x.device)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = torch.addmm(bias[:], x[tile, :], y[:, :], alpha=2, beta=0.5)
    return out


def baddbmm_in_loop(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    b, m, k = x.size()
    n = y.size(2)
    out = torch.empty([b, m, n], dtype=torch.float32, device=x.device)
    for tile_b, tile_m, tile_n in hl.tile([b, m, n]):
        acc = hl.zeros([tile_b, tile_m, tile_n])
        for tile_k in hl.tile(k):
            acc = torch.baddbmm(acc, batch1=x[tile_b, tile_m, tile_k], batch2=y[tile_b, tile_k, tile_n])
        out[tile_b, tile_m, tile_n] = acc
    return out


def einsum(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(0)], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([x.size(0), y.size(0)]):
        out[tile_m, tile_n] = torch.einsum("ij,kj->ik", x[tile_m, :], y[tile_n, :])
    return out


def linear(x: torch.Tensor, y: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(0)], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([x.size(0), y.size(0)]):
        out[tile_m, tile_n] = F.linear(x[tile_m, :], y[tile_n, :], bias[tile_n])
    return out


def inner(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(0)], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([x.size(0), y.size(0)]):
        out[tile_m, tile_n] = torch.inner(x[tile_m, :], y[tile_n, :])
    return out


def outer(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(0)], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([x.size(0), y.size(0)]):
        out[tile_m, tile_n] = torch.outer(x[tile_m], y[tile_n])
    return out


def matrix_times_vector(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0)], dtype=x.dtype, device=x.device)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile, :] @ y[:]
    return out


def batch_times_matrix(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), x.size(1), y.size(1)], dtype=x.dtype, device=x.device)
    for tile_b, tile_m in hl.tile([x.size(0), x.size(1)]):
        out[tile_b, tile_m, :] = torch.matmul(x[tile_b, tile_m, :], y[:, :])
    return out


def masked_operands(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty([x.size(0), y.size(1)], dtype=torch.float32, device=x.device)
    for tile in hl.tile(x.size(0)):
        out[tile, :] = hl.dot((x[tile, :] + 1).exp(), 1 / (y[:, :] - 5))
    return out


def _matrices(m: int, k: int, n: int, *dtypes: torch.dtype) -> Callable[[torch.Generator], tuple[Any, ...]]:
    return _tensors((m, k), (k, n), dtypes=dtypes)


def _tensors(*shapes: tuple[int, ...], dtypes: tuple[torch.dtype, ...] = ()) -> Callable[[torch.Generator], tuple[Any, ...]]:
    every = dtypes * len(shapes) if len(dtypes) == 1 else dtypes or (torch.float32,) * len(shapes)

    def make(generator: torch.Generator) -> tuple[Any, ...]:
        return tuple(_tensor(generator, shape, dtype) for shape, dtype in zip(shapes, every, strict=True))

    return make


def _tensor(generator: torch.Generator, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    if dtype.is_floating_point:
        return torch.randn(shape, generator=generator).to(dtype)
    return torch.randint(-9, 9, shape, generator=generator).to(dtype)


def _float(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.matmul(x.double(), y.double()).float()


def _int(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.matmul(x.double(), y.double()).int()


def _same(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.matmul(x.double(), y.double()).to(torch.promote_types(x.dtype, y.dtype))


_E4, _E5, _BF, _HF, _F = torch.float8_e4m3fn, torch.float8_e5m2, torch.bfloat16, torch.float16, torch.float32
_PAIRS = ((_F, _F), (_HF, _HF), (_BF, _BF), (_E4, _E4), (_E5, _E5), (_E4, _E5), (_HF, _BF), (_BF, _F), (torch.int8, _HF))


def _tolerance(left: torch.dtype, right: torch.dtype) -> float:
    """Hopper's tensor cores add up products of fp8 with 14 bits of fraction."""
    return 2e-2 if left.itemsize == right.itemsize == 1 else 2e-4


def _name(*dtypes: torch.dtype) -> str:
    return " by ".join(str(d).removeprefix("torch.") for d in dtypes)


_BOTH = (True, False)

CASES = [
    *(OpCase(f"dot of {_name(*p)}", dot_in_loop, _matrices(37, 83, 29, *p), _float, _tolerance(*p), draws=2) for p in _PAIRS),
    *(OpCase(f"dot of rows with K {k}", dot_of_rows, _matrices(37, k, 19, _HF, _HF), _float, 2e-3) for k in (1, 3, 8, 53)),
    *(OpCase(f"dot of fp8 rows with K {k}", dot_of_rows, _matrices(20, k, 19, _E4, _E4), _float, 2e-3) for k in (2, 20)),
    *(
        OpCase(f"dot of rows with K {k} known at run time", dot_of_rows, _matrices(37, k, 19, _HF, _HF), _float, 2e-3, static_shapes=False)
        for k in (2, 8)
    ),
    OpCase("dot of rows with N 1", dot_of_rows, _matrices(37, 30, 1), _float, 1e-4),
    OpCase("dot of rows with N 5", dot_of_rows, _matrices(37, 30, 5), _float, 1e-4),
    OpCase("dot of int8", dot_to_int32, _matrices(37, 83, 29, torch.int8, torch.int8), _int),
    OpCase("dot of int8 rows", dot_of_rows, _matrices(37, 40, 29, torch.int8, torch.int8), _float),
    OpCase("dot to float16", dot_to_float16, _matrices(37, 83, 29, _HF, _HF), lambda x, y: _float(x, y).half(), 5e-2),
    OpCase("dot of bfloat16 to float16", dot_to_float16, _matrices(37, 83, 29, _BF, _BF), lambda x, y: _float(x, y).half(), 5e-2),
    OpCase("dot as bfloat16", dot_as_bfloat16, _matrices(37, 83, 29, _HF, _HF), lambda x, y: _float(x, y).bfloat16(), 1e-2),
    OpCase("dot of batches", dot_of_batches, _tensors((3, 17, 40), (3, 40, 20)), _float, 1e-4),
    OpCase("dot of batches, dynamic", dot_of_batches, _tensors((3, 17, 40), (3, 40, 20)), _float, 1e-4, static_shapes=False),
    OpCase("dot of a batch with one matrix", dot_with_shared_matrix, _tensors((3, 17, 40), (1, 40, 20)), _float, 1e-4),
    OpCase("dot of a short batch with one matrix", dot_with_shared_matrix, _tensors((3, 17, 5), (1, 5, 20)), _float, 1e-4),
    OpCase("dot of a batch with a column", dot_with_shared_matrix, _tensors((3, 17, 5), (1, 5, 1)), _float, 1e-4),
    OpCase("masked operands", masked_operands, _matrices(37, 30, 12), lambda x, y: _float((x + 1).exp(), 1 / (y - 5)), 1e-3),
    *(OpCase(f"matmul of {_name(*p)}", matmul_operator, _matrices(37, 83, 29, *p), _same, 5e-2, draws=2) for p in ((_HF, _HF), (_F, _F))),
    *(OpCase(f"rows of {_name(d)}", matmul_of_rows, _matrices(20, 9, 8, d), _same, 2e-2) for d in (_BF, torch.int32, torch.float64)),
    OpCase("rows of int8", matmul_of_rows, _matrices(20, 3, 8, torch.int8), lambda x, y: _int(x, y).to(torch.int8)),
    OpCase("mm with out_dtype", mm_with_dtype, _matrices(20, 33, 8, _BF), _float, 1e-4),
    OpCase("bmm with out_dtype", bmm_with_dtype, _tensors((3, 17, 40), (3, 40, 20), dtypes=(_BF,)), _float, 1e-4),
    OpCase("addmm", addmm_in_loop, _matrices(37, 83, 29), lambda x, y: _float(x + 1, y + 1), 1e-3),
    OpCase("addmm of float16", addmm_in_loop, _matrices(37, 83, 29, _HF), lambda x, y: _float(x + 1, y + 1).half(), 1e-2),
    OpCase(
        "addmm of a bias",
        addmm_of_bias,
        _tensors((20, 33), (33, 8), (8,), dtypes=(_HF,)),
        lambda x, y, b: (b.float() * 0.5 + 2 * _float(x, y)).half(),
        1e-2,
    ),
    OpCase("baddbmm", baddbmm_in_loop, _tensors((3, 17, 40), (3, 40, 20), dtypes=(_BF,)), _float, 1e-4),
    *(OpCase("einsum", einsum, _tensors((20, 33), (8, 33)), lambda x, y: x @ y.T, 1e-4, static_shapes=s) for s in _BOTH),
    *(OpCase("linear", linear, _tensors((20, 33), (8, 33), (8,)), F.linear, 1e-4, static_shapes=s) for s in _BOTH),
    *(OpCase("inner", inner, _tensors((20, 33), (8, 33)), torch.inner, 1e-4, static_shapes=s) for s in _BOTH),
    OpCase("outer", outer, _tensors((20,), (8,)), torch.outer),
    *(OpCase("matrix times vector", matrix_times_vector, _tensors((20, 33), (33,)), torch.mv, 1e-4, static_shapes=s) for s in _BOTH),
    *(OpCase("batch times matrix", batch_times_matrix, _tensors((3, 20, 33), (33, 8)), torch.matmul, 1e-4, static_shapes=s) for s in _BOTH),
]
