"""A codemod's result written to a file: atomically, byte-exact elsewhere, under a lock so that two runs lose nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from helion.locks.sidecar import add_entry, sidecar_path
from helion_codemods.commands.lock import lock_config
from helion_codemods.outcome import Refused, Rewritten

try:
    import fcntl
except ImportError:  # Windows has none: two writers at once are not kept apart there
    fcntl = None

_BOM = b"\xef\xbb\xbf"


@contextmanager
def exclusive(path: Path) -> Generator[None]:
    """While one process rewrites `path`, others wait. The lock file is removed by its holder; who waited on a removed one asks again."""
    if fcntl is None:
        yield
        return
    lock = path.with_name(f".{path.name}.helion-writing")
    while True:
        handle = lock.open("a", encoding="utf-8")
        fcntl.flock(handle, fcntl.LOCK_EX)
        if _is_same_file(handle, lock):
            break
        handle.close()
    try:
        yield
    finally:
        lock.unlink()
        handle.close()


def _is_same_file(handle: TextIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle.fileno()), path.stat())
    except FileNotFoundError:
        return False


def replace_file(path: Path, data: bytes) -> None:
    """Write all of it or nothing; permissions are kept. Raises OSError."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    if path.exists():
        Path(temporary).chmod(path.stat().st_mode & 0o7777)
    Path(temporary).replace(path)


def rewrite_file(path: Path, change: Callable[[str], Rewritten | Refused]) -> Rewritten | Refused:
    """Read, change, write back: the text sees no byte-order mark, the file keeps it. Raises OSError."""
    with exclusive(path):
        data = path.read_bytes()
        mark = _BOM if data.startswith(_BOM) else b""
        text = data[len(mark) :].decode("utf-8")
        outcome = change(text)
        if isinstance(outcome, Rewritten) and outcome.text != text:
            replace_file(path, mark + outcome.text.encode("utf-8"))
        return outcome


def lock_file(
    path: Path, qualname: str, *, device: str, signature: str | None, config: Mapping[str, Any], evidence: Mapping[str, Any]
) -> Rewritten | Refused:
    """Write a lock into the source and its evidence into the sidecar beside it."""
    outcome = rewrite_file(path, lambda text: lock_config(text, qualname, device=device, signature=signature, config=config))
    if isinstance(outcome, Rewritten):
        entry = {"kernel": qualname, "device": device, "signature": signature, "config": dict(config), **evidence}
        with exclusive(sidecar_path(path)):
            replace_file(sidecar_path(path), add_entry(sidecar_path(path), entry).encode("utf-8"))
    return outcome
