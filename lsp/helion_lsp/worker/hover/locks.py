"""A kernel's locks, its sidecar and the session's evidence in, a text for each lock entry out: where its config comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from helion.config.config import Config
from helion.locks.entries import LockEntry
from helion.locks.evidence import Entry, evidence_among
from helion.locks.kernel_hash import kernel_hash
from helion.locks.sidecar import read_entries, sidecar_path
from helion.source import Span
from helion.syntax.config_literals import ConfigLiteral, config_literals
from helion.syntax.tree import KernelSyntax
from helion.types.untyped import is_mapping

_METHODS = {"measured": "measured on the device", "model": "estimated by the model, not measured", "given": "written by hand"}


def lock_hovers(kernel: KernelSyntax, session: Sequence[Entry]) -> Iterator[tuple[Span, str]]:
    """One text at a lock's device, its signature and the name of its `Config`."""
    locks = [literal for literal in config_literals(kernel) if literal.device is not None]
    if not locks:
        return
    known = [*read_entries(sidecar_path(Path(kernel.file.path))), *session]
    for literal in locks:
        assert literal.device is not None
        text = _text(kernel, literal, known)
        for place in (*literal.lock_spans, Span(literal.span.start, _name_end(kernel, literal))):
            yield place, text


def _name_end(kernel: KernelSyntax, literal: ConfigLiteral) -> int:
    """The end of `helion.Config`, or of a dict's brace."""
    end = kernel.file.text.find("(", literal.span.start, literal.span.end)
    return end if end > 0 else literal.span.start + 1


def _text(kernel: KernelSyntax, literal: ConfigLiteral, known: Sequence[Entry]) -> str:
    lock = LockEntry(str(literal.device), literal.signature, Config.from_dict(literal.values))
    device = "every other device" if lock.device == "*" else f"`{lock.device}`"
    head = f"lock for {device}" + (f", `{lock.signature}`" if lock.signature is not None else ", every signature")
    entry = evidence_among(known, kernel, lock)
    if not entry:
        why = "" if lock.device == "*" else "\n\n- no evidence: the sidecar says nothing of this config"
        return f"{head}{why}"
    return "\n".join([head, "", *(f"- {fact}" for fact in _facts(entry, kernel_hash(kernel)))])


def _facts(entry: Entry, current: str) -> Iterator[str]:
    """What the evidence says, what matters most first."""
    if entry.get("kernel_hash") not in (None, current):
        yield "**stale**: the kernel changed since; the config is used all the same"
    method = str(entry.get("method", "?"))
    yield _METHODS.get(method, method) + (f", {entry['date']}" if "date" in entry else "")
    if "us" in entry:
        yield _times(entry)
    if entry.get("partial"):
        yield "partial: the search was ended early"
    versions = entry.get("versions")
    if is_mapping(versions):
        yield "with " + ", ".join(f"{name} {version}" for name, version in versions.items())


def _times(entry: Mapping[str, Any]) -> str:
    word = "about " if entry.get("estimated") else ""
    found, baseline = float(entry["us"]), entry.get("default_us")
    if not isinstance(baseline, int | float) or found <= 0:
        return f"{word}{found:.1f} µs"
    return f"{word}{found:.1f} µs, default {baseline:.1f} µs: {baseline / found:.2f}×"
