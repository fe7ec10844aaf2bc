"""A tuning's winner and its verdict in, its lock out, or a record that what calls run stays; other signatures keep what they ran."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from helion.autotune.verdict import Verdict
from helion.cli.exit_codes import REFUSED
from helion.cli.failure import failure
from helion.cli.locks_of_text import locks_of_text
from helion.cli.read_source import read_file
from helion.cli.subject import find_kernel, place_name
from helion.cli.write_lock import LockToWrite, write_lock, write_override
from helion.compiler import parse
from helion.config.config import Config
from helion.locks.evidence import kept_among
from helion.locks.identity import identity_of_key
from helion.locks.kernel_hash import kernel_hash
from helion.locks.selection import select
from helion.locks.sidecar import entry_key, read_entries, sidecar_path
from helion.syntax.tree import KernelSyntax
from helion_codemods.apply import change_file
from helion_codemods.outcome import Refused, Rewritten


def write_if_worth(name: str, lock: LockToWrite, verdict: Verdict, kernel: KernelSyntax, *, into: Path | None) -> None:
    """Write the lock, or say why what there is stays. When the very lock that is written won again, its evidence is renewed."""
    stands = any((e.device, e.signature, e.config) == (lock.device, lock.signature, lock.config) for e in locks_of_text(kernel))
    if stands and not lock.evidence.get("partial"):
        click.echo(f"{lock.qualname}: {verdict.words}; its evidence is renewed", err=True)
    elif not verdict.write:
        click.echo(f"{lock.qualname}{_of(lock.signature)}: not locked: {verdict.words}", err=True)
        if into is None and lock.evidence.get("significant") is False and not lock.evidence.get("partial"):
            _record_kept(Path(kernel.file.path), lock)
            _lock_what_stays(kernel, lock)
        return
    if into is not None:
        write_override(into, Path(kernel.file.path), lock)
        return
    write_lock(name, lock.qualname, lock.device, lock.signature, lock.config, lock.evidence)
    _lock_what_stays(kernel, lock)


def _of(signature: str | None) -> str:
    return "" if signature is None else f" × {signature}"


_NOT_OF_KEPT = ("ran", "significant", "partial")


def _record_kept(path: Path, lock: LockToWrite) -> None:
    """That calls may go on as they are: an audit need not ask for a lock that a tuning does not find worth it."""
    facts = {name: value for name, value in lock.evidence.items() if name not in _NOT_OF_KEPT}
    entry: dict[str, object] = {"kernel": lock.qualname, "device": lock.device, "signature": lock.signature, "kept": True}
    entry |= {"runs": lock.evidence.get("ran", "default"), "stays": dict(lock.config), **facts}
    outcome = change_file(path, Rewritten, lambda known, _old, _new: [*(e for e in known if entry_key(e) != entry_key(entry)), entry])
    if isinstance(outcome, Refused):
        raise failure("cannot-lock", f"the evidence for `{lock.qualname}` was not written: {outcome.reason}", REFUSED)


def _lock_what_stays(kernel: KernelSyntax, lock: LockToWrite) -> None:
    """Signatures of which a tuning found that they should go on as they are, and that a lock would serve by now which nobody measured for
    them, get what they ran as a lock of their own. One of these may serve others: until none is left."""
    path, place = kernel.file.path, place_name(kernel)
    while (entry := next(_served_by_others(path, place, lock), None)) is not None:
        signature, config = str(entry["signature"]), Config(**entry["stays"])
        facts = {name: value for name, value in entry.items() if name not in _OF_RECORD}
        click.echo(
            f"{lock.qualname} × {signature}: a lock of another signature would serve it; what was found to be as fast stays", err=True
        )
        write_lock(f"{path}::{place}", lock.qualname, lock.device, signature, config, {**facts, "significant": False, "ran": entry["runs"]})


_OF_RECORD = ("kernel", "device", "signature", "kept", "runs", "stays")


def _served_by_others(path: str, place: str, lock: LockToWrite) -> Iterator[Mapping[str, Any]]:
    now = find_kernel(parse(read_file(path)), place)
    device = identity_of_key(lock.device, str(lock.evidence.get("target") or lock.device))
    for entry in kept_among(read_entries(sidecar_path(Path(path))), lock.qualname):
        if entry.get("device") != lock.device or entry.get("signature") is None or "stays" not in entry:
            continue
        found = select(locks_of_text(now), device, str(entry["signature"]))
        runs = "default" if found is None else dict(found.config)
        if runs != entry.get("runs") and entry.get("kernel_hash") == kernel_hash(now):
            yield entry
