"""Arguments in, whether they have shapes but no data out: then a call runs the host statements and launches nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor

from helion.signatures.from_values import structure_of


def is_fake(value: Any) -> bool:
    """Whether a value is a tensor of torch's fake tensor mode, or on the meta device."""
    return isinstance(value, FakeTensor) or (isinstance(value, torch.Tensor) and value.device.type == "meta")


def have_no_data(args: Sequence[Any]) -> bool:
    """Whether every tensor is fake; some and not others is an error that `check_arguments` reports."""
    tensors = list(tensors_of(args))
    return bool(tensors) and all(map(is_fake, tensors))


def tensors_of(args: Sequence[Any]) -> list[torch.Tensor]:
    """The tensors among arguments, also those in lists, tuples, dicts and dataclasses."""
    found: list[torch.Tensor] = []
    for value in args:
        inner = structure_of(value)
        if isinstance(value, torch.Tensor):
            found.append(value)
        elif inner is not None:
            found += tensors_of(inner.values)
    return found


def launch_nothing(*args: Any, **options: Any) -> None:
    """Stands for the launcher."""
