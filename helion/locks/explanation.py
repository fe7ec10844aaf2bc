"""Why a call runs the config that it does: as data, and as text for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helion.config.config import Config
from helion.locks.identity import DeviceIdentity
from helion.locks.selection import Selected


@dataclass(frozen=True)
class Explanation:
    """`config` is None when the call would tune. `selected` is the lock that won, if one did; `evidence` what is known of how it was
    found; `remarks` what should make one doubt it, as (severity, words); `passed_over` the keys that have locks for other devices."""

    kernel: str
    reason: str
    config: Config | None
    signature: str
    device: DeviceIdentity | None = None
    selected: Selected | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict[str, Any])
    remarks: tuple[tuple[str, str], ...] = ()
    passed_over: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = "" if self.device is None else f" on {self.device}"
        lines = [f"{self.kernel}({self.signature}){where}: {self.reason}"]
        lines += [] if self.config is None else [f"    {self.config!r}"]
        if self.selected is not None:
            lines.append(f"    written in {self.selected.entry.origin or 'the decorator'}")
        lines += [f"    {evidence_words(self.evidence)}"] if self.evidence and "unreadable" not in self.evidence else []
        lines += [f"    {severity}: {words}" for severity, words in self.remarks]
        lines += [f"    there are locks for other devices: {', '.join(self.passed_over)}"] if self.passed_over else []
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """The same as JSON-ready data."""
        entry = None if self.selected is None else self.selected.entry
        return {
            "kernel": self.kernel,
            "signature": self.signature,
            "device": None if self.device is None else {"product": self.device.product, "architecture": self.device.architecture},
            "reason": self.reason,
            "config": None if self.config is None else dict(self.config),
            "lock": None
            if entry is None
            else {"device": entry.device, "signature": entry.signature, "origin": entry.origin or "decorator"},
            "level": None if self.selected is None else self.selected.level.value,
            "exact": self.selected is not None and self.selected.exact,
            "evidence": dict(self.evidence),
            "remarks": [{"severity": severity, "message": words} for severity, words in self.remarks],
            "passed_over": list(self.passed_over),
        }


def evidence_words(evidence: Mapping[str, Any]) -> str:
    """`measured 12.3 µs (default 20.1 µs) on 2026-11-21, 210 configs tried`; an estimate and a borrowed config are called so."""
    us, default = evidence.get("us"), evidence.get("default_us")
    borrowed = evidence.get("borrowed_from")
    method = "estimated" if evidence.get("estimated") else str(evidence.get("method", "of unknown origin"))
    words = f"borrowed from {borrowed}" if borrowed else method
    words += "" if us is None else f" {float(us):.1f} µs"
    words += "" if default is None else f" (default {float(default):.1f} µs)"
    words += f" on {evidence['date']}" if "date" in evidence else ""
    words += f", {evidence['trials']} configs tried" if "trials" in evidence else ""
    words += ", chosen by hand" if evidence.get("chosen") else ""
    return f"{words}, stopped before its end" if evidence.get("partial") else words
