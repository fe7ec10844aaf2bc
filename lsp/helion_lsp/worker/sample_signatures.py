"""A kernel's syntax in, the signatures it can be looked at with out: what the text says, what calls say, what was locked or recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from helion.locks.ownership import owned
from helion.locks.sidecar import read_entries, sidecar_path
from helion.signatures.from_call_sites import signatures_of_call_sites
from helion.signatures.notation import format_notation
from helion.syntax.config_literals import config_literals
from helion.syntax.tree import KernelSyntax
from helion.types.types import TensorType
from helion_lsp.worker.surroundings import ALONE, Surroundings


def sample_signatures(kernel: KernelSyntax, around: Surroundings = ALONE) -> list[dict[str, str | None]]:
    """`{origin, notation, label}`, each notation once; the first is what the text says, without a notation."""
    names = around.names(kernel.module)
    inferred = around.signature(kernel)
    found: list[dict[str, str | None]] = [{"origin": "inferred", "notation": None, "label": str(inferred)}]
    tensors = [isinstance(parameter.type, TensorType) for parameter in inferred.parameters.values()]
    calls = (
        (format_notation(types), f"the call at line {line}")
        for line, types in signatures_of_call_sites(kernel, names)
        if all(isinstance(type_, TensorType) or not is_tensor for type_, is_tensor in zip(types, tensors, strict=False))
    )
    seen: set[str] = set()
    for origin, entries in (("call", calls), ("recorded", _recorded(kernel))):
        for notation, label in entries:
            if notation not in seen:
                seen.add(notation)
                found.append({"origin": origin, "notation": notation, "label": label})
    return found


def _recorded(kernel: KernelSyntax) -> Iterator[tuple[str, str]]:
    """Signatures that somebody tuned or locked the kernel for."""
    for literal in config_literals(kernel):
        if literal.signature is not None:
            yield literal.signature, f"locked for {literal.device}"
    for entry in owned(read_entries(sidecar_path(Path(kernel.file.path))), kernel):
        if isinstance(entry.get("signature"), str):
            yield str(entry["signature"]), f"recorded for {entry.get('device')}"
