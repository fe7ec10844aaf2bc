"""A file's bytes in, its text out, and back: mark, encoding, permissions and links are kept; writing is all or nothing, one at a time."""

from __future__ import annotations

import glob
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from helion.source import encoding_of

try:
    import fcntl
except ImportError:  # Windows has none: two writers at once are not kept apart there
    fcntl = None

_BOM = b"\xef\xbb\xbf"
_TEMPORARY = ".helion-new"
_LOCK = ".helion-writing"


@dataclass(frozen=True)
class FileText:
    """The text of a file without its byte-order mark, and how to write another one the same way."""

    text: str
    encoding: str
    mark: bytes

    def encoded(self, text: str) -> bytes:
        """Raises UnicodeEncodeError when the file's encoding lacks a character."""
        return self.mark + text.encode(self.encoding)


def decoded(data: bytes) -> FileText:
    """As Python would read a module. Raises UnicodeDecodeError."""
    mark = _BOM if data.startswith(_BOM) else b""
    encoding = encoding_of(data).removesuffix("-sig")
    return FileText(data[len(mark) :].decode(encoding), encoding, mark)


@contextmanager
def exclusive(path: Path) -> Generator[None]:
    """While one process rewrites `path`, others wait. The lock file is removed by its holder; who waited on a removed one asks again."""
    path = path.resolve()
    if fcntl is None:
        yield
        return
    lock = path.with_name(f".{path.name}{_LOCK}")
    while True:
        handle = lock.open("a", encoding="utf-8")
        fcntl.flock(handle, fcntl.LOCK_EX)
        if _is_same_file(handle, lock):
            break
        handle.close()
    try:
        _sweep(path)
        yield
    finally:
        lock.unlink(missing_ok=True)
        handle.close()


def _is_same_file(handle: TextIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _sweep(path: Path) -> None:
    """What a killed writer of this file left: its holder's lock is gone, so nobody writes it any more."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*{_TEMPORARY}"):
        if "." not in left.name.removeprefix(f".{path.name}.").removesuffix(_TEMPORARY):
            left.unlink(missing_ok=True)
    for left in path.parent.glob(f".*{_LOCK}"):
        _remove_if_unheld(left)


def _remove_if_unheld(lock: Path) -> None:
    """A lock file of a dead writer, of whatever file beside; one that somebody holds stays, and who waits on it asks again."""
    if fcntl is None:
        return
    with suppress(OSError), lock.open("r+", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_same_file(handle, lock):
            lock.unlink()


def is_writable(path: Path) -> bool:
    """Whether its permissions let anyone write to it, and this process. A file could be put in the place of one that is read-only, which
    is not what who made it so wants."""
    return bool(path.stat().st_mode & 0o222) and os.access(path, os.W_OK)


def replace_file(path: Path, data: bytes) -> None:
    """Write all of it or nothing; permissions and owner are kept, and a link goes on to point at the file. Raises OSError."""
    path = path.resolve()
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}{_TEMPORARY}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            _take_after(temporary, path)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _take_after(new: Path, old: Path) -> None:
    """The owner first: changing it clears some permissions. Only root may give files away, as where a container's root edits a user's."""
    was, is_now = old.stat(), new.stat()
    if (was.st_uid, was.st_gid) != (is_now.st_uid, is_now.st_gid):
        with suppress(PermissionError):
            os.chown(new, was.st_uid, was.st_gid)
    new.chmod(was.st_mode & 0o7777)
