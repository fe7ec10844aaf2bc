"""A kernel's syntax, the sidecar beside its file and the session's evidence in, what is locked in its decorator out, in one line."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from helion.locks.entries import entries_of_kernel
from helion.locks.evidence import Entry, evidence_among
from helion.locks.kernel_hash import kernel_hash
from helion.locks.ownership import owned
from helion.locks.sidecar import read_entries, sidecar_path
from helion.syntax.tree import KernelSyntax

_FALLBACK = "*"


def lock_state(kernel: KernelSyntax, session: Sequence[Entry] = ()) -> str:
    """`locked: sm_90 (estimated)`, `not locked`, ...; a lock whose kernel changed since it was tuned says stale."""
    keywords = kernel.keywords
    entries = read_entries(sidecar_path(Path(kernel.file.path)))
    if "configs" not in keywords:
        return f"{'one config for every device' if 'config' in keywords else 'not locked'}{_left_behind(kernel, entries)}"
    table = keywords["configs"]
    if not isinstance(table, ast.Dict):
        return "configs given as a list" if isinstance(table, ast.List) else "configs given by a variable"
    known = [*entries, *session]
    current = kernel_hash(kernel)
    devices: dict[str, list[set[str]]] = {str(key.value) if isinstance(key, ast.Constant) else "?": [] for key in table.keys}
    for lock in entries_of_kernel(kernel):
        is_fallback = lock.device == _FALLBACK
        found = set[str]() if is_fallback else _remarks(evidence_among(known, kernel, lock), current)
        devices.setdefault(str(lock.device), []).append(found)
    return "locked: " + ", ".join(f"{device}{_of_device(remarks)}" for device, remarks in devices.items())


def _of_device(locks: Sequence[set[str]]) -> str:
    """` × 2 shapes, 1 stale`: how many locks a device has, and how many of them a remark is about."""
    counts = Counter(remark for remarks in locks for remark in remarks)
    shapes = f" × {len(locks)} shapes" if len(locks) > 1 else ""
    return shapes + _in_parentheses([remark if n == len(locks) else f"{n} {remark}" for remark, n in sorted(counts.items())])


def _remarks(entry: Entry, current: str) -> set[str]:
    if not entry:
        return {"no evidence"}
    remarks = {"estimated"} if entry.get("estimated") else set[str]()
    return remarks | {"stale: the kernel changed"} if entry.get("kernel_hash") not in (None, current) else remarks


def _left_behind(kernel: KernelSyntax, entries: Sequence[Entry]) -> str:
    """Evidence whose lock is gone: another lock renews it, and the file can be edited; kernels run without it."""
    devices = sorted({str(e.get("device")) for e in owned(entries, kernel)})
    return _in_parentheses([f"evidence left of {', '.join(devices)}"] if devices else [])


def _in_parentheses(remarks: Sequence[str]) -> str:
    return f" ({', '.join(remarks)})" if remarks else ""
