"""A signature with named sizes and the calls of its kernel in, the same signature with the sizes of a call as hints out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from helion.signatures.from_call_sites import signatures_of_call_sites
from helion.signatures.representative import representative
from helion.signatures.signature import KernelSignature
from helion.syntax.tree import KernelSyntax
from helion.types.dims import SizeSymbol, constant
from helion.types.types import TensorType, Type
from helion_lsp.worker.surroundings import Surroundings


def usual_signature(kernel: KernelSyntax, signature: KernelSignature, around: Surroundings) -> tuple[KernelSignature, tuple[str, ...]]:
    """What can be lowered, and in words what had to be taken for it: of sizes those of the first call that says them, else usual ones."""
    for line, types in signatures_of_call_sites(kernel, around.names(kernel.module)):
        hints = _hints(signature, types)
        if hints:
            usual, taken = representative(replace(signature, hints={**hints, **signature.hints}))
            return usual, (*taken, f"sizes are those of the call at line {line}")
    return representative(signature)


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
