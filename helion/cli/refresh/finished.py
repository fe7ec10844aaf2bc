"""Finished pieces of work kept as files until they are written into the source: what a refresh that was killed had finished is not lost."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helion.cli.locks_of_text import locks_of_text
from helion.cli.refresh.fleet import Fleet
from helion.cli.refresh.work import WorkDone, WorkItem
from helion.cli.subject import find_kernel
from helion.compiler import parse
from helion.locks.kernel_hash import kernel_hash
from helion.locks.ownership import name_in_entry
from helion.locks.versions import current_versions
from helion.source import SourceFile

_FRESH = "--fresh"


@dataclass(frozen=True)
class FinishedWork:
    """One file an item, named by all that its result is for: another body of the kernel, another lock of the signature, another device,
    other options or versions are other work. A folder that cannot be written to keeps nothing."""

    folder: Path
    device: str

    def get(self, item: WorkItem) -> WorkDone | None:
        """What an earlier run made of the same item and did not come to write."""
        if _FRESH in item.options:
            return None
        try:
            kept: Any = json.loads(self._file(item).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return WorkDone(item, tuple(kept["results"]), worker=f"{kept['worker']}, finished before")

    def put(self, done: WorkDone) -> None:
        """All of it or nothing, as the process may be killed at any time."""
        if not done.results:
            return
        target = self._file(done.item)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.folder, suffix=".new")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"results": list(done.results), "worker": done.worker}, file, default=str)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(target)
        except OSError:
            return

    def drop(self, done: WorkDone) -> None:
        """It is in the source by now."""
        self._file(done.item).unlink(missing_ok=True)

    def _file(self, item: WorkItem) -> Path:
        kernel = find_kernel(parse(SourceFile(item.path, item.text)), item.kernel)
        own = [dict(e.config) for e in locks_of_text(kernel) if (e.device, e.signature) == (self.device, item.signature)]
        options = [option for option in item.options if option != _FRESH]
        place = str(Path(item.path).resolve())
        facts = (
            place,
            name_in_entry(kernel),
            item.signature,
            self.device,
            item.target,
            options,
            kernel_hash(kernel),
            own,
            current_versions(),
        )
        return self.folder / f"{hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]}.json"


@dataclass(frozen=True)
class RememberingFleet:
    """Another fleet's work, each piece kept as soon as it is done; what an earlier run has kept is not done again."""

    fleet: Fleet
    finished: FinishedWork

    def run(self, items: Sequence[WorkItem]) -> Iterator[WorkDone]:
        known = [self.finished.get(item) for item in items]
        yield from (done for done in known if done is not None)
        for done in self.fleet.run([item for item, done in zip(items, known, strict=True) if done is None]):
            self.finished.put(done)
            yield done
