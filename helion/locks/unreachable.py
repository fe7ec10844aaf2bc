"""A lock's two keys and its kernel in, why no call can ever find the lock out, and which of the keys is to blame."""

from __future__ import annotations

from dataclasses import dataclass

from helion.diagnostics.catalog.runtime import BadSignature
from helion.locks.identity import problem_of_key
from helion.signatures.notation import signature_from_notation
from helion.syntax.tree import KernelSyntax


@dataclass(frozen=True)
class Unreachable:
    """`key` is 0 for the device, -1 for the signature: its place among a lock's keys."""

    why: str
    key: int


def unreachable(kernel: KernelSyntax, device: str, signature: str | None) -> Unreachable | None:
    """None where calls may find it."""
    why = problem_of_key(device)
    if why is not None:
        return Unreachable(why, 0)
    types = None if signature is None else signature_from_notation(kernel, signature)
    return Unreachable(types.why, -1) if isinstance(types, BadSignature) else None
