"""Locked configs: which entry serves a call, the evidence for each, and what makes one doubtful; plain data, runs nothing.

`entries_of_table(configs)` lists a decorator's mapping, `entries_of_kernel(syntax)` a text's; `select(entries, device, signature)` picks as
a call does; `remarks_of(evidence, syntax)`, `lock_diagnostics(syntax)` and `audit_kernel(...)` say what is stale. A live kernel's
`lock_entries()` are those in force, and `explain(*args)` says which one a call runs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helion.locks.audit import STATES, AuditRow, KernelLocks, audit_kernel, audit_kernels
    from helion.locks.doubts import lock_diagnostics
    from helion.locks.entries import LockEntry, entries_of_kernel, entries_of_table, written_locks
    from helion.locks.evidence import evidence_among, evidence_of_entry
    from helion.locks.explanation import Explanation
    from helion.locks.identity import DeviceIdentity
    from helion.locks.layers import merged, module_name, override_file, overrides_of
    from helion.locks.selection import Level, Selected, select
    from helion.locks.sidecar import read_entries, sidecar_path
    from helion.locks.staleness import Remark, remarks_of

# Loaded when first used: the path of a sidecar is asked for where the compiler must not be imported.
_HOMES = {
    "STATES": "audit",
    "AuditRow": "audit",
    "KernelLocks": "audit",
    "audit_kernel": "audit",
    "audit_kernels": "audit",
    "LockEntry": "entries",
    "entries_of_kernel": "entries",
    "entries_of_table": "entries",
    "written_locks": "entries",
    "evidence_among": "evidence",
    "evidence_of_entry": "evidence",
    "Explanation": "explanation",
    "DeviceIdentity": "identity",
    "merged": "layers",
    "module_name": "layers",
    "override_file": "layers",
    "overrides_of": "layers",
    "lock_diagnostics": "doubts",
    "Level": "selection",
    "Selected": "selection",
    "select": "selection",
    "read_entries": "sidecar",
    "sidecar_path": "sidecar",
    "Remark": "staleness",
    "remarks_of": "staleness",
}

__all__ = [
    "STATES",
    "AuditRow",
    "DeviceIdentity",
    "Explanation",
    "KernelLocks",
    "Level",
    "LockEntry",
    "Remark",
    "Selected",
    "audit_kernel",
    "audit_kernels",
    "entries_of_kernel",
    "entries_of_table",
    "evidence_among",
    "evidence_of_entry",
    "lock_diagnostics",
    "merged",
    "module_name",
    "override_file",
    "overrides_of",
    "read_entries",
    "remarks_of",
    "select",
    "sidecar_path",
    "written_locks",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"helion.locks.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'helion.locks' has no attribute {name!r}")
