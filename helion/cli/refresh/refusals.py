"""Planned work in, what of it could be written into the source and why the rest could not out: nobody waits for a tuning to learn that."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from helion.cli.exit_codes import REFUSED
from helion.cli.failure import Failure, failure
from helion.cli.refresh.work import WorkItem
from helion.cli.write_lock import why_not_lockable


def lockable(items: Iterable[WorkItem], device: str) -> tuple[list[WorkItem], list[Failure]]:
    """A refusal is of a kernel, however many signatures it is to be tuned for."""
    found: list[WorkItem] = []
    refused: dict[tuple[str, str], Failure] = {}
    for item in items:
        reason = why_not_lockable(Path(item.path), item.text, item.kernel, device, item.signature)
        if reason is None:
            found.append(item)
        else:
            words = f"{item.path}::{item.kernel} is not tuned, as its lock could not be written: {reason}; `--into FOLDER` writes elsewhere"
            refused[item.path, item.kernel] = failure("cannot-lock", words, REFUSED)
    return found, list(refused.values())
