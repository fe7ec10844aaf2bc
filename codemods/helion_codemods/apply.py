"""A change of a source file and of the evidence beside it, written: both or, after a kill between the two, both at the next run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from helion.locks.entries import LockEntry
from helion.locks.ownership import is_for, kernel_to_lock, labelled, locks_by_key, relabelled
from helion.locks.sidecar import Key, Unreadable, entry_key, read_sidecar, sidecar_path, sidecar_text
from helion.source import SourceFile
from helion.syntax.namesakes import kernels_called, place_name, plain_name
from helion.syntax.parse import parse_module
from helion_codemods.commands.lock import lock_config
from helion_codemods.file_bytes import decoded, exclusive, is_writable, replace_file
from helion_codemods.outcome import Refused, Rewritten

Entries = list[dict[str, Any]]
Change = Callable[[str], Rewritten | Refused]
EvidenceChange = Callable[[Entries, str, str], Entries]
"""The sidecar's entries and the text before and after in, the entries that the sidecar is to have out."""

__all__ = ["change_file", "exclusive", "lock_file", "read_text", "replace_file", "rewrite_file", "with_entries", "without_removed"]


def read_text(path: Path) -> str | Refused:
    """The text of a source file, in the encoding it declares. Raises OSError."""
    try:
        return decoded(path.read_bytes()).text
    except UnicodeDecodeError as problem:
        return Refused(f"the file is not text in the encoding that it declares: {problem}")


def rewrite_file(path: Path, change: Change) -> Rewritten | Refused:
    """Read, change, write back. The text sees no byte-order mark, the file keeps it. Raises OSError."""
    return change_file(path, change, None)


def change_file(path: Path, change: Change, evidence: EvidenceChange | None) -> Rewritten | Refused:
    """The same with the entries of the sidecar changed too, which is left alone when the source is. What it says of kernels that were
    renamed, or that got namesakes, is theirs by their names of now. Raises OSError.

    Before the source is replaced a journal says what the sidecar will be. Whoever comes next finishes it, for those locks that
    stand in the source then, and drops it.
    """
    with exclusive(path), exclusive(sidecar_path(path)), exclusive(_journal(path)):
        _finish(path)
        data = path.read_bytes()
        try:
            file = decoded(data)
        except UnicodeDecodeError as problem:
            return Refused(f"the file is not text in the encoding that it declares: {problem}")
        entries = _entries(sidecar_path(path))
        if isinstance(entries, Refused) and evidence is not None:
            return entries
        outcome = change(file.text)
        if isinstance(outcome, Refused):
            return outcome
        try:
            new = file.encoded(outcome.text)
        except UnicodeEncodeError as problem:
            return Refused(f"the file's encoding, {file.encoding}, has no `{problem.object[problem.start : problem.end]}`")
        if new != data and not is_writable(path):
            return Refused("the file is read-only")
        beside = None
        if evidence is not None and not isinstance(entries, Refused):
            known = relabelled(entries, parse_module(SourceFile("", file.text))) if entries else []
            beside = evidence(known, file.text, outcome.text)
        _write(path, data, new, None if beside == entries else beside)
        return outcome


def lock_file(
    path: Path, qualname: str, *, device: str, signature: str | None, config: Mapping[str, Any], evidence: Mapping[str, Any]
) -> Rewritten | Refused:
    """Write a lock into the source and its evidence into the sidecar beside it. Of several kernels of one name that of `name@line` or
    `name#2`, or the one that the evidence is of, wherever it stands by now."""
    name = plain_name(qualname)
    is_told = name != qualname
    entry = {"kernel": name, "device": device, "signature": signature, "config": dict(config), **evidence}

    shared = is_told or bool(entry.get("nth"))  # whether others have its name, so that its evidence must say which it is

    def locked(text: str) -> Rewritten | Refused:
        nonlocal shared
        outcome = lock_config(text, qualname, device=device, signature=signature, config=config)
        if is_told or isinstance(outcome, Rewritten):
            return outcome
        kernel = kernel_to_lock(entry, parse_module(SourceFile("", text)))
        if kernel is None:
            return outcome
        shared = True
        return lock_config(text, place_name(kernel), device=device, signature=signature, config=config)

    def recorded(entries: Entries, old: str, _new: str) -> Entries:
        module = parse_module(SourceFile("", old)) if shared else None
        kernel = None if module is None else kernels_called(module, qualname)[0] if is_told else kernel_to_lock(entry, module)
        return with_entries(entries, [entry if kernel is None else labelled(entry, kernel)])

    return change_file(path, locked, recorded)


def with_entries(entries: Entries, new: Sequence[Mapping[str, Any]]) -> Entries:
    """The entries with new ones, each in the place of the one that it renews."""
    keys = {entry_key(entry) for entry in new}
    return [*(entry for entry in entries if entry_key(entry) not in keys), *map(dict, new)]


def without_removed(entries: Entries, old: str, new: str) -> Entries:
    """The evidence of locks that the change took out of the text goes with them."""
    gone = _locks(old).keys() - _locks(new).keys()
    return [entry for entry in entries if entry_key(entry) not in gone]


def _locks(text: str) -> dict[Key, LockEntry]:
    return locks_by_key(parse_module(SourceFile("", text)))


# -- two files as one ---------------------------------------------------------------------------------------------------


def _journal(path: Path) -> Path:
    path = path.resolve()
    return path.with_name(f".{path.name}.helion-journal")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write(path: Path, old: bytes, new: bytes, entries: Sequence[Mapping[str, Any]] | None) -> None:
    if entries is None:
        if new != old:
            replace_file(path, new)
        return
    journal = {"source": _digest(new), "sidecar": _sidecar_digest(path), "entries": list(entries)}
    replace_file(_journal(path), json.dumps(journal, default=str).encode("utf-8"))
    if new != old:
        replace_file(path, new)
    _write_sidecar(path, entries)
    _journal(path).unlink()


def _finish(path: Path) -> None:
    """What a killed writer began: the sidecar as it was to be for a source that is as it left it, and for one that was edited since the
    evidence of those locks that stand in it. Of a source or a sidecar that cannot be read the journal stays for later."""
    journal = _journal(path)
    if not journal.exists():
        return
    data, known = path.read_bytes(), _entries(sidecar_path(path))
    if isinstance(known, Refused):
        return
    begun: Any = json.loads(journal.read_bytes())
    is_as_left = begun["sidecar"] == _sidecar_digest(path)
    if is_as_left and begun["source"] == _digest(data):
        _write_sidecar(path, begun["entries"])
    else:
        try:
            merged = _merged(known, begun["entries"], decoded(data).text, is_as_left=is_as_left)
        except UnicodeDecodeError:
            return
        if merged != known:
            _write_sidecar(path, merged)
    journal.unlink()


def _merged(known: Entries, begun: Entries, text: str, *, is_as_left: bool) -> Entries:
    """The entries of the sidecar with those begun ones that are for a lock of the text. When the sidecar `is_as_left` they are newer than
    what it says of the same lock, and what they lack of locks that are gone goes."""
    locks = _locks(text)

    def stands(entry: Mapping[str, Any]) -> bool:
        lock = locks.get(entry_key(entry))
        return lock is None if entry.get("kept") else lock is not None and is_for(entry, lock)

    keys = {entry_key(entry) for entry in begun}
    stay = [e for e in known if not is_as_left or entry_key(e) in keys or stands(e)]
    has = set[Key]() if is_as_left else {entry_key(e) for e in known if stands(e)}
    added = {entry_key(e): e for e in begun if stands(e) and entry_key(e) not in has}
    return [*(e for e in stay if entry_key(e) not in added), *added.values()]


def _sidecar_digest(path: Path) -> str | None:
    beside = sidecar_path(path)
    return _digest(beside.read_bytes()) if beside.exists() else None


def _write_sidecar(path: Path, entries: Sequence[Mapping[str, Any]]) -> None:
    """A sidecar without entries goes."""
    beside = sidecar_path(path)
    if entries:
        replace_file(beside, sidecar_text(entries).encode("utf-8"))
    else:
        beside.unlink(missing_ok=True)


def _entries(beside: Path) -> Entries | Refused:
    """Those of a sidecar; refused when it cannot be read, since writing it anew would lose what it holds."""
    found = read_sidecar(beside)
    return Refused(f"`{beside.name}` {found.reason}; mend or remove it first") if isinstance(found, Unreadable) else found
