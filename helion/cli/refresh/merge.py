"""The results of a refresh in, sources and sidecars (or overrides) written once out; what was worth it, and what was not, said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from helion.autotune.verdict import Verdict
from helion.cli.failure import Failure
from helion.cli.read_source import read_file
from helion.cli.refresh.work import WorkDone, WorkItem
from helion.cli.subject import find_kernel
from helion.cli.write_if_worth import write_if_worth
from helion.cli.write_lock import LockToWrite
from helion.compiler import parse
from helion.config.config import Config
from helion.locks.ownership import kernel_to_lock


def merge(finished: Iterable[WorkDone], *, into: Path | None, written: Callable[[WorkDone], None]) -> list[Failure]:
    """Every winner that its verdict says to write, file by file; refusals are given back, and end nothing else. `written` hears of each
    piece of work of which nothing is left to write."""
    refused: list[Failure] = []
    ordered = sorted(finished, key=lambda done: (done.item.path, done.item.kernel, done.item.signature or ""))
    for done in ordered:
        failures: list[Failure] = []
        for result in done.results:
            try:
                _write(done.item, result, into)
            except Failure as failed:
                failures.append(failed)
        refused += failures
        if not failures:
            written(done)
    return refused


def _write(item: WorkItem, result: Mapping[str, Any], into: Path | None) -> None:
    lock, module = lock_of(result), parse(read_file(item.path))
    kernel = kernel_to_lock(lock.entry, module) or find_kernel(module, lock.qualname)
    write_if_worth(lock, Verdict(**result["verdict"]), kernel, into=into)


def lock_of(result: Mapping[str, Any]) -> LockToWrite:
    """The lock that a result of `helion tune --json` stands for."""
    config = Config.from_dict(result["minimal_config"])
    return LockToWrite(result["kernel"], result["lock_device"], result["lock_signature"], config, dict(result["evidence"]))
