"""A signature with named sizes and the calls of its kernel in, the same signature with the sizes of a call as hints out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, combinations, islice
from typing import Any

import torch

from helion import compiler
from helion.signatures.from_call_sites import signatures_of_call_sites
from helion.signatures.representative import representative
from helion.signatures.signature import KernelSignature
from helion.signatures.written_settings import settings_as_written
from helion.syntax.tree import KernelSyntax
from helion.types.dims import SizeSymbol, constant
from helion.types.types import TensorType, Type
from helion_lsp.worker.surroundings import Surroundings

_MOST_TRIALS = 12  # of some milliseconds each, and the first one mostly does


def usual_signature(kernel: KernelSyntax, signature: KernelSignature, around: Surroundings) -> tuple[KernelSignature, tuple[str, ...]]:
    """What can be lowered, and in words what had to be taken for it: of sizes those of the first call that says them, else usual ones."""
    signature, integers = _with_integers(kernel, signature, around)
    for line, types in signatures_of_call_sites(kernel, around.names(kernel.module)):
        hints = _hints(signature, types)
        if hints:
            usual, taken = representative(replace(signature, hints={**hints, **signature.hints}))
            return usual, (*integers, *taken, f"sizes are those of the call at line {line}")
    usual, taken = representative(signature)
    return usual, (*integers, *taken)


def _with_integers(kernel: KernelSyntax, signature: KernelSignature, around: Surroundings) -> tuple[KernelSignature, tuple[str, ...]]:
    """Tensors that nothing says the dtype of are integers where the kernel is wrong otherwise, such as offsets of a jagged tensor."""
    open_ = [name for name, p in signature.parameters.items() if isinstance(p.type, TensorType) and p.type.dtype is None]
    for chosen in islice(chain.from_iterable(combinations(open_, count) for count in range(3)), _MOST_TRIALS if open_ else 0):
        parameters = {
            name: replace(p, type=replace(p.type, dtype=torch.int64)) if name in chosen and isinstance(p.type, TensorType) else p
            for name, p in signature.parameters.items()
        }
        tried = replace(signature, parameters=parameters)
        usual, _ = representative(tried)
        if not compiler.check(kernel, usual, around.names(kernel.module), settings_as_written(kernel)).has_errors:
            return tried, tuple(f"{name} is int64" for name in chosen)
    return signature, ()


def _hints(signature: KernelSignature, types: Sequence[Type]) -> dict[Any, int]:
    """Sizes by name, of a call whose tensors have the ranks of the signature's."""
    found: dict[Any, int] = {}
    for parameter, given in zip(signature.parameters.values(), types, strict=False):
        if not isinstance(parameter.type, TensorType) or not isinstance(given, TensorType):
            continue
        if parameter.type.rank is None or parameter.type.rank != given.rank:
            continue
        for size, number in zip(parameter.type.dims, map(constant, given.dims), strict=True):
            if isinstance(size, SizeSymbol) and number is not None:
                found.setdefault(size, number)
    return found
