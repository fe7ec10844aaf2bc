"""A config and its evidence in, the rewritten file and sidecar out, or the reason why they stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from helion.cli.exit_codes import NOT_FOUND, REFUSED
from helion.cli.failure import failure
from helion.cli.subject import find_kernel
from helion.compiler import parse
from helion.config.config import Config
from helion.locks.layers import module_name, override_file
from helion.locks.sidecar import Unreadable, add_entry
from helion.runtime.environment import lock_folders
from helion.source import SourceFile
from helion.syntax.namesakes import place_name
from helion_codemods.apply import change_file, exclusive, lock_file, replace_file, with_entries
from helion_codemods.commands.lock import lock_config
from helion_codemods.file_bytes import is_writable
from helion_codemods.outcome import Refused, Rewritten


@dataclass(frozen=True)
class LockToWrite:
    """A winner as a lock; `signature` is None when it is for every signature. The evidence says which of several kernels of its name it is
    of, by hash and number: lines change."""

    qualname: str
    device: str
    signature: str | None
    config: Config
    evidence: dict[str, object]

    @property
    def title(self) -> str:
        """What messages call the kernel: of several of one name which it is, since the line of it changes as locks are written."""
        number = self.evidence.get("nth")
        return self.qualname if number is None else f"{self.qualname} (number {number} of that name)"

    @property
    def entry(self) -> dict[str, object]:
        """As a sidecar has it."""
        return {
            "kernel": self.qualname,
            "device": self.device,
            "signature": self.signature,
            "config": dict(self.config),
            **self.evidence,
        }


def write_lock(path: str, lock: LockToWrite) -> None:
    """Rewrite the file and its sidecar, and say what was done; a refusal is a failure with its reason. Of several kernels of one name that
    one is written to which the evidence is of."""
    device, signature = lock.device, lock.signature
    try:
        outcome = lock_file(
            Path(path), lock.qualname, device=device, signature=signature, config=lock.config.config, evidence=lock.evidence
        )
    except OSError as problem:
        raise failure("no-such-file", f"`{problem.filename or path}` cannot be written: {problem.strerror}", NOT_FOUND) from problem
    if isinstance(outcome, Refused):
        raise failure("cannot-lock", f"the decorator of `{lock.title}` was left as it is: {outcome.reason}", REFUSED)
    click.echo(f"locked {lock.title} for {device}{'' if signature is None else f' × {signature}'}: {lock.config}", err=True)


def why_not_lockable(source: Path, text: str, name: str, device: str, signature: str | None) -> str | None:
    """Why no lock could be written, which is worth knowing before the search for one; None where it could."""
    if not is_writable(source):
        return "the file is read-only"
    outcome = lock_config(
        text, place_name(find_kernel(parse(SourceFile(str(source), text)), name)), device=device, signature=signature, config={}
    )
    return outcome.reason if isinstance(outcome, Refused) else None


def write_override(folder: Path, source: Path, lock: LockToWrite) -> None:
    """Put a lock of a module into a folder of the search path, in the place of the one with its device and signature."""
    path = _add_override(folder, source, lock.entry)
    said = "" if folder.resolve() in [known.resolve() for known in lock_folders()] else f"; put it on HELION_LOCK_PATH: {folder}"
    where = f"{lock.device}{'' if lock.signature is None else f' × {lock.signature}'}"
    click.echo(f"locked {lock.title} for {where} in {path}{said}", err=True)


def write_record(source: Path, entry: dict[str, object], into: Path | None) -> None:
    """Evidence of no lock, beside a source or among the overrides of a folder; locks are left as they are."""
    if into is not None:
        _add_override(into, source, entry)
        return
    outcome = change_file(source, Rewritten, lambda known, _old, _new: with_entries(known, [entry]))
    if isinstance(outcome, Refused):
        raise failure("cannot-lock", f"the evidence for `{entry['kernel']}` was not written: {outcome.reason}", REFUSED)


def _add_override(folder: Path, source: Path, entry: Mapping[str, object]) -> Path:
    path = override_file(folder, module_name(source))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with exclusive(path):
            text = add_entry(path, entry)
            if isinstance(text, Unreadable):
                raise failure("cannot-lock", f"`{path}` {text.reason}; mend or remove it first", REFUSED)
            replace_file(path, text.encode("utf-8"))
    except OSError as problem:
        raise failure("no-such-file", f"`{problem.filename or folder}` cannot be written: {problem.strerror}", NOT_FOUND) from problem
    return path
