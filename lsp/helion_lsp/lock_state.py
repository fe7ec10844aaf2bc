"""A kernel's syntax and the sidecar beside its file in, what is locked in its decorator out, in one line; runs in the worker."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helion.locks.kernel_hash import kernel_hash
from helion.locks.sidecar import read_entries, sidecar_path
from helion.syntax.tree import KernelSyntax


def lock_state(kernel: KernelSyntax) -> str:
    """`locked: sm_90 (estimated)`, `not locked`, ...; an entry whose kernel changed since it was tuned says stale."""
    keywords = {} if kernel.decorator is None else kernel.decorator.keywords
    if "configs" not in keywords:
        return "one config for every device" if "config" in keywords else "not locked"
    if not isinstance(keywords["configs"], ast.Dict):
        return "configs given as a list" if isinstance(keywords["configs"], ast.List) else "configs given by a variable"
    entries = read_entries(sidecar_path(Path(kernel.file.path)))
    evidence = {(e.get("device"), e.get("signature")): e for e in entries if e.get("kernel") == kernel.qualname}
    current = kernel_hash(kernel)
    devices: dict[str, set[str]] = {}
    for device, signature in _keys(keywords["configs"]):
        devices.setdefault(device, set()).update(_remarks(evidence.get((device, signature)), current))
    return "locked: " + ", ".join(f"{device}{_in_parentheses(remarks)}" for device, remarks in devices.items())


def _keys(mapping: ast.Dict) -> Iterator[tuple[str, str | None]]:
    for key, value in zip(mapping.keys, mapping.values, strict=True):
        device = str(key.value) if isinstance(key, ast.Constant) else "?"
        signatures = [k.value for k in value.keys if isinstance(k, ast.Constant)] if isinstance(value, ast.Dict) else []
        by_signature = [s for s in signatures if isinstance(s, str) and "[" in s]
        for signature in by_signature:
            yield device, signature
        if not by_signature:
            yield device, None


def _remarks(entry: dict[str, Any] | None, current: str) -> set[str]:
    if entry is None:
        return set()
    remarks = {"estimated"} if entry.get("estimated") else set[str]()
    return remarks | {"stale: the kernel changed"} if entry.get("kernel_hash") not in (None, current) else remarks


def _in_parentheses(remarks: set[str]) -> str:
    return f" ({', '.join(sorted(remarks))})" if remarks else ""
