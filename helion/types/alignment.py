"""Where a tensor's first element and its rows lie: the bulk tensor copy engine of the hardware starts at multiples of 16 bytes only, and
a thread loads as many at once."""

from __future__ import annotations

import torch

ALIGNMENT = 16
# A result of two bytes an element has rows of 16 bytes where a wider argument has.
_FEWEST_ELEMENTS = 8


def is_aligned(tensor: torch.Tensor) -> bool:
    """Whether the first element lies at a multiple of 16 bytes; one without memory is taken to lie where its offset says."""
    try:
        return tensor.data_ptr() % ALIGNMENT == 0
    except RuntimeError:
        return tensor.storage_offset() * tensor.itemsize % ALIGNMENT == 0


def row_multiple(dtype: torch.dtype) -> int:
    """What sizes and strides are multiples of, in elements, where rows are aligned."""
    return max(_FEWEST_ELEMENTS, ALIGNMENT // dtype.itemsize)


def has_aligned_rows(tensor: torch.Tensor) -> bool:
    """Whether every row begins where a wide load may, and is a number of such loads long."""
    multiple = row_multiple(tensor.dtype)
    sizes = [(size, stride) for size, stride in zip(tensor.shape, tensor.stride(), strict=True) if size != 1]
    return not any((size if stride == 1 else stride) % multiple or stride == 0 for size, stride in sizes)
