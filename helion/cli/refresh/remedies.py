"""Locks that fail a check in, what helps each of them out: what a refresh on this machine tunes, and what it does not."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from helion.locks.audit import UNFOUND, AuditRow
from helion.locks.identity import ANY_DEVICE
from helion.target import find_target


def remedies(wrong: Sequence[AuditRow], names: Sequence[str], here: str, usual: Sequence[str], *, measured: bool) -> list[str]:
    """A line for each kind of remedy; one that begins with the command that tunes them when a refresh here tunes them all. `here` is what
    that would write locks for, `usual` the states that it tunes unless told; it estimates where nothing is `measured`."""
    files = shlex.join(names)
    tuned = [row for row in wrong if _is_tuned_by(row, here) and (measured or row.state != "estimated")]
    states = list(dict.fromkeys(row.state for row in tuned))
    chosen = "" if set(states) <= set(usual) else f" --state {','.join(states)}"
    lines = (
        [f"`helion refresh run{chosen} {files}` tunes {'them' if len(tuned) == len(wrong) else f'{len(tuned)} of them'}"] if tuned else []
    )
    rest = [row for row in wrong if row not in tuned]
    for device in dict.fromkeys(row.device for row in rest):
        rows = [row for row in rest if row.device == device]
        lines.append(f"{len(rows)} for {_device_words(device)}: {_of_device(rows, device, files)}")
    return lines


def _is_tuned_by(row: AuditRow, here: str) -> bool:
    """A kernel without any lock has a row for any device, which one for the device here satisfies."""
    return _is_found(row) and (row.device == here or (row.device == ANY_DEVICE and row.state == "missing"))


def _is_found(row: AuditRow) -> bool:
    return not any(words.startswith(UNFOUND) for words in row.words)


def _device_words(device: str) -> str:
    return "any device" if device == ANY_DEVICE else device


def _of_device(rows: Sequence[AuditRow], device: str, files: str) -> str:
    found: list[str] = []
    elsewhere = [row for row in rows if device != ANY_DEVICE and _is_found(row)]
    if elsewhere:
        found.append(f"`helion refresh run {files}` on that device tunes {'them' if elsewhere == list(rows) else 'those that calls find'}")
        if find_target(device) is not None and any(row.state != "estimated" for row in elsewhere):
            found.append(f"`helion refresh run --target {device} {files}` estimates them")
    if not elsewhere or any(row.state in ("broken", "stale") for row in rows):
        words = "" if elsewhere else "no refresh tunes these; "
        unlock = f"`helion unlock --device {shlex.quote(device)} FILE::kernel` takes one out"
        found.append(f"{words}`helion remap {files}` puts lists in order after an edit, {unlock}")
    return "; ".join(found)
