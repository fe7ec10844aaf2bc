"""Short names of dtypes (`bf16`), the only spelling used in hovers, signatures and locks; and Triton's names."""

from __future__ import annotations

from types import MappingProxyType

import torch

SHORT_NAMES = MappingProxyType(
    {
        torch.float64: "f64",
        torch.float32: "f32",
        torch.float16: "f16",
        torch.bfloat16: "bf16",
        torch.float8_e4m3fn: "f8e4m3",
        torch.float8_e5m2: "f8e5m2",
        torch.int64: "i64",
        torch.int32: "i32",
        torch.int16: "i16",
        torch.int8: "i8",
        torch.uint64: "u64",
        torch.uint32: "u32",
        torch.uint16: "u16",
        torch.uint8: "u8",
        torch.bool: "bool",
        torch.complex64: "c64",
        torch.complex128: "c128",
    }
)
FROM_SHORT_NAME = MappingProxyType({name: dtype for dtype, name in SHORT_NAMES.items()})
TRITON_NAMES = MappingProxyType(
    {
        torch.float64: "tl.float64",
        torch.float32: "tl.float32",
        torch.float16: "tl.float16",
        torch.bfloat16: "tl.bfloat16",
        torch.float8_e4m3fn: "tl.float8e4nv",
        torch.float8_e5m2: "tl.float8e5",
        torch.int64: "tl.int64",
        torch.int32: "tl.int32",
        torch.int16: "tl.int16",
        torch.int8: "tl.int8",
        torch.uint64: "tl.uint64",
        torch.uint32: "tl.uint32",
        torch.uint16: "tl.uint16",
        torch.uint8: "tl.uint8",
        torch.bool: "tl.int1",
    }
)


def short_name(dtype: torch.dtype | None) -> str:
    """`bf16` for torch.bfloat16, `?` for an unknown dtype."""
    if dtype is None:
        return "?"
    return SHORT_NAMES.get(dtype, str(dtype).removeprefix("torch."))


def triton_name(dtype: torch.dtype) -> str:
    """`tl.bfloat16` for torch.bfloat16."""
    return TRITON_NAMES[dtype]
