"""Default configs of examples at sizes that models have: they fit the GPU, spill nothing but what is listed, and use its tensor
cores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch

import helion
from examples import (
    attention_backward,
    blackwell_attention,
    conv2d,
    flex_attention,
    fp8_attention,
    gdn_fwd_h,
    linear_attention,
    mamba2_chunk_scan,
    mamba2_chunk_state,
    mla_decode,
    paged_decode,
    varlen_attention,
    xsa,
)
from helion import compiler
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel
from helion.target import find_target

_HOPPER, _BLACKWELL = "sm_90", "sm_100"
_BF16, _F32 = torch.bfloat16, torch.float32


def _empty(dtype: torch.dtype, *shape: int) -> torch.Tensor:
    """A tensor that is never touched: it takes no memory."""
    return torch.empty(shape, dtype=dtype)


@dataclass(frozen=True)
class Call:
    """What a kernel is called with, and the most bytes that a thread spills, by the targets for which it spills any."""

    kernel: Kernel
    arguments: tuple[Any, ...]
    spilled: Mapping[str, int] = field(default_factory=dict[str, int])


_HEADS = _empty(_BF16, 128, 4096, 128)
_WIDE = _empty(_BF16, 128, 4096, 256)
_ROWS = _empty(_F32, 128, 4096)
_BY_HEAD = _empty(_BF16, 4, 32, 4096, 128)
_GROUPED = _empty(_BF16, 4, 8, 4096, 128)
_F8, _F8_COLUMNS = _empty(torch.float8_e4m3fn, 128, 4096, 128), _empty(torch.float8_e4m3fn, 128, 128, 4096)
_OFFSETS = torch.zeros(7, dtype=torch.int32)
_PACKED, _PACKED_GROUPED = _empty(_BF16, 8192, 32, 128), _empty(_BF16, 8192, 8, 128)
_X, _B, _STEPS = _empty(_BF16, 8, 4096, 80, 64), _empty(_BF16, 8, 4096, 1, 128), _empty(_F32, 8, 80, 16, 256)
_GATED = _empty(_BF16, 8, 4096, 32, 128)
_COUNTS, _BLOCKS = _empty(torch.int32, 1, 1, 32), _empty(torch.int32, 1, 1, 32, 32)
_CACHE, _PAGES, _LENGTHS = _empty(_BF16, 16384, 16, 8, 128), _empty(torch.int32, 32, 512), _empty(torch.int32, 32)
_IMAGES, _FILTERS = _empty(_BF16, 32, 56, 56, 256), _empty(_BF16, 256, 256, 3, 3)
_LATENTS, _ROPES = _empty(_BF16, 4096, 64, 512), _empty(_BF16, 4096, 64, 64)

CALLS = (
    Call(attention_backward.attention_forward, (_HEADS, _HEADS, _HEADS, True)),
    Call(attention_backward.attention_grad_q, (_HEADS, _HEADS, _HEADS, _HEADS, _HEADS, _ROWS, True)),
    # Four tiles of 128 by 64 and two sums: nearly all registers.
    Call(attention_backward.attention_grad_kv, (_HEADS, _HEADS, _HEADS, _HEADS, _ROWS, _ROWS, True)),
    # With 128 rows the sums take more columns than tensor memory has; Hopper has them in registers, two of 128 by 256.
    Call(attention_backward.attention_grad_kv, (_WIDE, _WIDE, _WIDE, _WIDE, _ROWS, _ROWS, True), spilled={_HOPPER: 1024}),
    Call(fp8_attention.fp8_attention, (_F8, _F8, _F8_COLUMNS)),
    Call(varlen_attention.varlen_attention, (_PACKED, _PACKED_GROUPED, _PACKED_GROUPED, _OFFSETS, 4096, True)),
    Call(xsa.xsa, (_BY_HEAD, _BY_HEAD, _BY_HEAD)),
    Call(
        flex_attention.flex_attention_kernel,
        (_BY_HEAD, _GROUPED, _GROUPED, _COUNTS, _BLOCKS, _COUNTS, _BLOCKS, flex_attention.unchanged, flex_attention.causal, 128),
    ),
    Call(blackwell_attention.blackwell_attention, (_HEADS, _HEADS, _HEADS, False)),
    Call(mamba2_chunk_state.mamba2_chunk_state, (_B, _X, _STEPS, _STEPS)),
    Call(
        mamba2_chunk_scan.mamba2_chunk_scan,
        (_empty(_BF16, 8, 16, 1, 256, 256), _X, _STEPS, _STEPS, _B, _empty(_BF16, 8, 16, 80, 64, 128), _empty(_F32, 80)),
    ),
    Call(gdn_fwd_h.gdn_fwd_h, (_GATED, _GATED, _GATED, _empty(_F32, 8, 4096, 32), 64)),
    Call(linear_attention.linear_attention, (_HEADS, _HEADS, _HEADS)),
    Call(linear_attention.retention, (_BY_HEAD, _BY_HEAD, _BY_HEAD, _empty(_F32, 32))),
    Call(paged_decode.paged_decode_parts, (_empty(_BF16, 32, 8, 4, 128), _CACHE, _CACHE, _PAGES, _LENGTHS, 8)),
    Call(conv2d.conv2d, (_IMAGES, _FILTERS, 1, 1)),
    Call(conv2d.conv2d, (_IMAGES, _FILTERS, 2, 1)),
    # Sums are 128 registers of each thread beside the rows' addresses: a few do not fit.
    Call(
        mla_decode.mla_decode,
        (
            _empty(_BF16, 32, 128, 512),
            _empty(_BF16, 32, 128, 64),
            _LATENTS,
            _ROPES,
            _empty(torch.int32, 32, 128),
            _empty(torch.int32, 32),
            576**-0.5,
        ),
        spilled={_HOPPER: 32},
    ),
)


@pytest.mark.parametrize("target_name", [_HOPPER, _BLACKWELL])
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.kernel.name)
def test_default_config(call: Call, target_name: str) -> None:
    target = find_target(target_name)
    assert target is not None
    kernel = helion.kernel(call.kernel.fn, static_shapes=True, autotune_effort="none", ignore_warnings=[helion.exc.BaseWarning])
    bound = BoundKernel(kernel, kernel.normalize_args(*call.arguments))
    module = compiler.generate(bound.ir, compiler.config_space(bound.ir, target).default(), target)
    result = compile_module(module, target)
    assert isinstance(result, Artifact), f"{result}\n{module.text}"
    most = call.spilled.get(target_name, 0)
    assert result.local_bytes <= most, module.text
    assert result.local_bytes > 0 or most == 0, "it spills nothing any more"
    assert result.instructions.tensor_core is not None, module.text


def test_the_config_for_blackwell_specializes_warps() -> None:
    target = find_target("sm_100")
    assert target is not None
    kernel = helion.kernel(blackwell_attention.blackwell_attention.fn, static_shapes=True, config=blackwell_attention.BLACKWELL)
    bound = BoundKernel(kernel, (_HEADS, _HEADS, _HEADS, True))
    config = compiler.config_space(bound.ir, target).normalize(blackwell_attention.BLACKWELL)
    result = compile_module(compiler.generate(bound.ir, config, target), target)
    assert isinstance(result, Artifact), result
    assert "mul.f32x2" in result.assembly
    assert result.instructions.tensor_core == "tcgen05"
    assert result.instructions.uses_tma
