"""Where a tensor's first element lies: the bulk tensor copy engine of the hardware starts at multiples of 16 bytes only."""

from __future__ import annotations

import torch

ALIGNMENT = 16


def is_aligned(tensor: torch.Tensor) -> bool:
    """Whether the first element lies at a multiple of 16 bytes; one without memory is taken to lie where its offset says."""
    try:
        return tensor.data_ptr() % ALIGNMENT == 0
    except RuntimeError:
        return tensor.storage_offset() * tensor.itemsize % ALIGNMENT == 0
