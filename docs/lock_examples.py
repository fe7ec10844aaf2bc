"""An example of a lock with the line that the file beside it says in, what is said of the lock out; reads no file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

from docs.example_file import whole_file
from helion import compiler
from helion.diagnostics.catalog.locks import LockFileUnreadable
from helion.diagnostics.diagnostic import Diagnostic
from helion.locks.doubts import evidence_left, lock_diagnostics
from helion.locks.entries import entries_of_kernel
from helion.locks.sidecar import Unreadable, entries_of_text
from helion.source import SourceFile, Span

_FILE = "kernels.py.helion.lock"
_LINE = f"# {_FILE}: "


def has_lock_file(example: str) -> bool:
    """Whether the example shows what stands beside its kernel."""
    return _LINE in example


def lock_findings(example: str) -> Iterator[Diagnostic]:
    """What is said of the file that the example shows, or of the lock that its line is evidence of: its other keys are the lock's."""
    code, _, said = example.partition(_LINE)
    if not code:
        entries = entries_of_text(said)
        if isinstance(entries, Unreadable):
            yield LockFileUnreadable(Span(0, 1), _FILE, entries.reason)
        return
    module = compiler.parse(SourceFile("kernels.py", whole_file(code.rstrip())))
    for kernel in module.kernels:
        locks = entries_of_kernel(kernel)
        plain = [{"kernel": kernel.qualname, "device": e.device, "signature": e.signature, "config": dict(e.config)} for e in locks]
        evidence = [{**lock, **json.loads(said)} for lock in plain]
        yield from lock_diagnostics(kernel, partial(compiler.lock_space, kernel), evidence)
        yield from evidence_left(module, evidence)
