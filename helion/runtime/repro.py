"""The arguments of a call in, Python expressions that make arguments like them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from helion.syntax.repro_text import Repro
from helion.syntax.tree import KernelSyntax
from helion.types.untyped import is_sequence


def describe_call(kernel: KernelSyntax, args: Sequence[Any]) -> Repro:
    return Repro(kernel, tuple(_expression(value) for value in args))


def _expression(value: Any) -> str:
    match value:
        case torch.Tensor():
            shape, stride = tuple(value.shape), tuple(value.stride())
            return f"rand_strided({shape}, {stride}, dtype={value.dtype}, device={str(value.device)!r})"
        case _ if is_sequence(value):
            items = ", ".join(map(_expression, value))
            return f"[{items}]" if isinstance(value, list) else f"({items},)"
        case torch.device():
            return f"torch.device({str(value)!r})"
        case _:
            return repr(value)
