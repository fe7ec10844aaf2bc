"""A tensor and the shape of its blocks, as a generated host function hands them to its launcher; becomes Triton's own only where needed.

Triton's `TensorDescriptor` checks itself whenever it is made, 1 µs; what it checks is known once a map was made for the same address,
sizes and strides, and until then Triton's own is made.
"""

from __future__ import annotations

import importlib
from typing import Any

import torch


class HostDescriptor:
    """Stands for `TensorDescriptor` in modules whose launcher is ours."""

    __slots__ = ("base", "block_shape", "shape", "strides")

    def __init__(self, base: torch.Tensor, shape: torch.Size, strides: tuple[int, ...], block_shape: list[int]) -> None:
        self.base = base
        self.shape = shape
        self.strides = strides
        self.block_shape = block_shape

    @classmethod
    def from_tensor(cls, tensor: torch.Tensor, block_shape: list[int]) -> HostDescriptor:
        return cls(tensor, tensor.shape, tensor.stride(), block_shape)


def checked(value: Any) -> Any:
    """Triton's own descriptor for one of ours, anything else as it is. Raises AssertionError for what the hardware does not copy."""
    if type(value) is not HostDescriptor:
        return value
    tools: Any = importlib.import_module("triton.tools.tensor_descriptor")
    return tools.TensorDescriptor(value.base, value.shape, value.strides, value.block_shape)
