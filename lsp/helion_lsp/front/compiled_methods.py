"""A block that imports classes of attrs in, the same block without compiling their methods anew out: they are kept as modules are.

attrs writes the methods of a class as text, which every process that imports the class compiles. Of lsprotocol's 550 classes this takes
a third of the time until a client hears from the server.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import marshal
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

from attr import _make


class _Methods:
    """The compiled texts of one file; `compile` stands in for Python's where attrs calls it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[bytes, CodeType] = _read(path)
        self._has_new = False

    def compile(self, script: str, filename: str, mode: str) -> CodeType:
        key = hashlib.sha1(f"{filename}\n{script}".encode(), usedforsecurity=False).digest()
        if key not in self._known:
            self._known[key] = compile(script, filename, mode)
            self._has_new = True
        return self._known[key]

    def write(self) -> None:
        """Where nothing may be written, the next process compiles again."""
        if self._has_new and not sys.dont_write_bytecode:
            new = self._path.with_suffix(f".{os.getpid()}")
            with contextlib.suppress(OSError):
                new.write_bytes(importlib.util.MAGIC_NUMBER + marshal.dumps(self._known))
                new.replace(self._path)


def _read(path: Path) -> dict[bytes, CodeType]:
    """Nothing where another Python has written it, or it was cut short."""
    with contextlib.suppress(OSError, ValueError, EOFError, TypeError):
        data = path.read_bytes()
        if data.startswith(importlib.util.MAGIC_NUMBER):
            found: Any = marshal.loads(data[len(importlib.util.MAGIC_NUMBER) :])
            return dict(found)
    return {}


@contextmanager
def compiled_methods(module: str) -> Generator[None]:
    """While classes of a module are imported; what is compiled is kept beside the module's own compiled text."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.cached is None:
        yield
        return
    methods = _Methods(Path(spec.cached).with_suffix(".attrs-methods"))
    make: Any = _make
    make.compile = methods.compile
    try:
        yield
    finally:
        del make.compile
    methods.write()
