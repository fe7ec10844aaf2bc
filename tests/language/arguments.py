"""Arguments of the programs: the same at every call."""

from __future__ import annotations

import torch


def randn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def vector(device: str) -> tuple[torch.Tensor]:
    return (randn(45).to(device),)


def matrix(device: str) -> tuple[torch.Tensor]:
    return (randn(13, 21).to(device),)


def cube(device: str) -> tuple[torch.Tensor]:
    return (randn(5, 7, 19).to(device),)


def three(device: str) -> tuple[tuple[torch.Tensor, ...]]:
    return (tuple(randn(45, seed=i).to(device) for i in range(3)),)
