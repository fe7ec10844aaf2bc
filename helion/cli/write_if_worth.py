"""A tuning's winner and its verdict in, its lock out, or a record that what calls run stays; other signatures keep what they ran."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from helion.autotune.verdict import Verdict
from helion.cli.locks_of_text import kept_of_text, locks_of_text
from helion.cli.read_source import read_file
from helion.cli.write_lock import LockToWrite, write_lock, write_override, write_record
from helion.compiler import parse
from helion.config.config import Config
from helion.locks.entries import LockEntry
from helion.locks.identity import identity_of_key
from helion.locks.kernel_hash import kernel_hash
from helion.locks.ownership import kernel_to_lock
from helion.locks.selection import select
from helion.syntax.tree import KernelSyntax


def write_if_worth(lock: LockToWrite, verdict: Verdict, kernel: KernelSyntax, *, into: Path | None) -> None:
    """Write the lock, or say why what there is stays. When the very lock that is written won again, its evidence is renewed."""
    stands = None if lock.evidence.get("partial") else _standing(kernel, lock, into)
    if stands is not None:
        click.echo(f"{lock.title}{_of(lock.signature)}: {verdict.words}; its evidence is renewed", err=True)
        lock = replace(lock, config=stands.config)
    elif not verdict.write:
        click.echo(f"{lock.title}{_of(lock.signature)}: not locked: {verdict.words}", err=True)
        if lock.evidence.get("significant") is False and not lock.evidence.get("partial"):
            _record_kept(kernel, lock, into)
            _lock_what_stays(kernel, lock, into)
        return
    _write(kernel, lock, into)
    _lock_what_stays(kernel, lock, into)


def _standing(kernel: KernelSyntax, lock: LockToWrite, into: Path | None) -> LockEntry | None:
    """The lock that calls with these arguments find, when it is the winner, however it is written."""
    same = (e for e in locks_of_text(kernel, into) if (e.device, e.signature) == (lock.device, lock.signature))
    entry = next(same, None)
    if entry is None:
        return None
    stayed = lock.evidence.get("significant") is False and lock.evidence.get("ran") == dict(entry.config)
    return entry if entry.config == lock.config or stayed else None


def _of(signature: str | None) -> str:
    return "" if signature is None else f" × {signature}"


def _write(kernel: KernelSyntax, lock: LockToWrite, into: Path | None) -> None:
    if into is not None:
        write_override(into, Path(kernel.file.path), lock)
        return
    write_lock(kernel.file.path, lock)
    before = (e for e in locks_of_text(kernel) if e.origin and e.device == lock.device and e.signature in (None, lock.signature))
    for hides in before:
        click.echo(f"note: calls from here run the override in {hides.origin}; `--into {Path(hides.origin).parent}` changes that", err=True)


_NOT_OF_KEPT = ("ran", "significant", "partial")


def _record_kept(kernel: KernelSyntax, lock: LockToWrite, into: Path | None) -> None:
    """That calls may go on as they are: an audit need not ask for a lock that a tuning does not find worth it."""
    facts = {name: value for name, value in lock.evidence.items() if name not in _NOT_OF_KEPT}
    entry: dict[str, object] = {"kernel": lock.qualname, "device": lock.device, "signature": lock.signature, "kept": True}
    entry |= {"runs": lock.evidence.get("ran", "default"), "stays": dict(lock.config), **facts}
    write_record(Path(kernel.file.path), entry, into)


def _lock_what_stays(kernel: KernelSyntax, lock: LockToWrite, into: Path | None) -> None:
    """Signatures of which a tuning found that they should go on as they are, and that a lock would serve by now which nobody measured for
    them, get what they ran as a lock of their own. One of these may serve others: until none is left."""
    done: set[str] = set()
    while (entry := next((e for e in _served_by_others(kernel.file.path, lock, into) if e["signature"] not in done), None)) is not None:
        signature, config = str(entry["signature"]), Config(**entry["stays"])
        done.add(signature)
        facts = {name: value for name, value in entry.items() if name not in _OF_RECORD}
        click.echo(f"{lock.title} × {signature}: a lock of another signature would serve it; what was found to be as fast stays", err=True)
        stays = LockToWrite(lock.qualname, lock.device, signature, config, {**facts, "significant": False, "ran": entry["runs"]})
        _write(kernel, stays, into)


_OF_RECORD = ("kernel", "device", "signature", "kept", "runs", "stays")


def _served_by_others(path: str, lock: LockToWrite, into: Path | None) -> Iterator[Mapping[str, Any]]:
    now = kernel_to_lock(lock.entry, parse(read_file(path)))
    if now is None:  # it was edited away while it was tuned
        return
    locks = locks_of_text(now, into)
    device = identity_of_key(lock.device, str(lock.evidence.get("target") or lock.device))
    for entry in kept_of_text(now, into):
        if entry.get("device") != lock.device or entry.get("signature") is None or "stays" not in entry:
            continue
        found = select(locks, device, str(entry["signature"]))
        runs = "default" if found is None else dict(found.config)
        is_own = found is not None and (found.entry.device, found.entry.signature) == (lock.device, entry["signature"])
        if runs != entry.get("runs") and entry.get("kernel_hash") == kernel_hash(now) and not is_own:
            yield entry
