"""The events of this session's tunings in, each tuning as a record that grows out; knows neither the protocol nor how to tune."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helion.syntax.namesakes import plain_name
from helion.trials.record import TuningRecord
from helion.trials.trial import Trial
from helion.types.untyped import is_mapping

RUNNING, ENDED, FAILED, CANCELLED = "running", "ended", "failed", "cancelled"


@dataclass
class HeardTuning:
    """One signature's tuning. `number` tells apart the runs that go on from the same log, whose name is `name`; it may be another
    machine's.

    `lock_signature` is the one that its lock is for, None for every one; known when it has a result, as `has_lock_signature` says.
    """

    uri: str
    kernel: str
    number: int
    name: str
    header: Mapping[str, Any]
    log: Path | None
    search: str
    budget_seconds: float
    trials: list[Trial] = field(default_factory=list[Trial])
    result: Mapping[str, Any] = field(default_factory=dict[str, Any])
    state: str = RUNNING
    message: str = ""
    phase: str = ""
    seconds_left: float | None = None
    has_lock_signature: bool = False
    lock_signature: str | None = None

    @property
    def record(self) -> TuningRecord:
        return TuningRecord(self.header, tuple(self.trials), self.result)

    def hear(self, event: Mapping[str, Any]) -> None:
        match event.get("event"):
            case "trial":
                self.trials.append(Trial.from_json(event))
            case "progress":
                self.seconds_left = event.get("seconds_left")
            case "phase":
                self.phase = str(event.get("text", ""))
            case "result":
                self.result, self.state = event, ENDED
                self.has_lock_signature, self.lock_signature = True, event.get("lock_signature")
            case "failed":
                self.result, self.state, self.message = event, FAILED, str(event.get("message", ""))
            case _:
                pass


class HeardTunings:
    """The tunings of a session, the newest last; a run that goes on from another's log takes its place."""

    def __init__(self) -> None:
        self._heard: list[HeardTuning] = []
        self._count = 0

    def hear(self, uri: str, kernel: str, event: Mapping[str, Any]) -> HeardTuning | None:
        """The tuning that the event is of, once there is one."""
        if event.get("event") == "started":
            return self._start(uri, kernel, event)
        running = next((tuning for tuning in self.of(uri, kernel) if tuning.state == RUNNING), None)
        if running is not None:
            running.hear(event)
        return running

    def end(self, uri: str, kernel: str, state: str, message: str) -> HeardTuning | None:
        """What still runs has ended without a result."""
        running = next((tuning for tuning in self.of(uri, kernel) if tuning.state == RUNNING), None)
        if running is not None:
            running.state, running.message, running.seconds_left = state, message, None
        return running

    def of(self, uri: str, kernel: str) -> Iterator[HeardTuning]:
        """Those of a kernel, the newest first."""
        return (tuning for tuning in reversed(self._heard) if (tuning.uri, tuning.kernel) == (uri, kernel))

    def of_name(self, uri: str, kernel: str) -> Iterator[HeardTuning]:
        """Those of every kernel that has its name, the newest first."""
        name = plain_name(kernel)
        return (tuning for tuning in reversed(self._heard) if tuning.uri == uri and plain_name(tuning.kernel) == name)

    def _start(self, uri: str, kernel: str, event: Mapping[str, Any]) -> HeardTuning:
        self._count += 1
        path = event.get("log")
        log = None if path is None else Path(str(path))
        name = f"session-{self._count}" if log is None else log.stem
        header = event.get("header")
        known = dict(header) if is_mapping(header) else {}
        budget = float(event.get("budget_seconds") or 0)
        plain = {"kernel": kernel, "method": event.get("method"), "device": event.get("device")}
        tuning = HeardTuning(uri, kernel, self._count, name, {**plain, **known}, log, str(event.get("search", "")), budget)
        self._heard = [other for other in self._heard if (other.uri, other.name) != (uri, name)]
        self._heard.append(tuning)
        return tuning
