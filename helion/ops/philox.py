"""Philox 4x32 with ten rounds, the generator behind `tl.rand`, in torch: seeds and counters in, the same bits as Triton's out."""

from __future__ import annotations

import torch

_MASK = 0xFFFFFFFF
_KEY_A, _KEY_B = 0x9E3779B9, 0xBB67AE85
_ROUND_A, _ROUND_B = 0xD2511F53, 0xCD9E8D57
_ROUNDS = 10
# The largest float32 step that keeps 2**31 - 1 steps below 1, as Triton has it.
_STEP = 4.6566127342e-10


def philox(seed: int, counter: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Four blocks of random 32-bit numbers, as int64 in [0, 2**32)."""
    wide = counter.to(torch.int64)
    c0, c1 = wide & _MASK, (wide >> 32) & _MASK
    c2 = c3 = torch.zeros_like(wide)
    k0, k1 = seed & _MASK, (seed >> 32) & _MASK
    for _ in range(_ROUNDS):
        high_b, low_b = _multiplied(c2, _ROUND_B)
        high_a, low_a = _multiplied(c0, _ROUND_A)
        c0, c1, c2, c3 = high_b ^ c1 ^ k0, low_b, high_a ^ c3 ^ k1, low_a
        k0, k1 = (k0 + _KEY_A) & _MASK, (k1 + _KEY_B) & _MASK
    return c0, c1, c2, c3


def _multiplied(x: torch.Tensor, factor: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The high and low 32 bits of a product, by halves so that no product passes 63 bits."""
    low = x * (factor & 0xFFFF)
    middle = x * (factor >> 16) + (low >> 16)
    return middle >> 16, ((middle & 0xFFFF) << 16) | (low & 0xFFFF)


def as_uniform(bits: torch.Tensor) -> torch.Tensor:
    """32 random bits as float32 in [0, 1): Triton folds negative numbers onto the others."""
    signed = torch.where(bits >= 2**31, bits - 2**32, bits)
    folded = torch.where(signed < 0, -signed - 1, signed).to(torch.int32)
    return folded.to(torch.float32) * torch.tensor(_STEP, dtype=torch.float32, device=bits.device)
