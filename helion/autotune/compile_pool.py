"""Candidates in, artifacts or failures out, compiled in several killable processes at once; does not judge them."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Protocol

from helion.autotune.candidate import Candidate
from helion.offline.artifact import Artifact, CompileFailure
from helion.offline.fork_server import ForkServer
from helion.offline.process import WorkerProcess
from helion.offline.worker import COMPILING, CompileWorker
from helion.target import Target

# Before that many compilations have ended, nothing is known of how long they take.
_ENOUGH_TIMES = 10
# What a generated text imports of torch and Triton, which takes seconds.
_IMPORT = re.compile(r"^from ((?:torch|triton)[\w.]*) import ", re.MULTILINE)


@dataclass(frozen=True)
class AdaptiveDeadline:
    """A compilation may take as long as the share `quantile` of those so far have needed, and `least` seconds in any case."""

    least: float = 30.0
    quantile: float = 0.9

    def of(self, needed: Sequence[float], most: float) -> float:
        """The seconds that the next one may take, `most` where too few have ended."""
        if len(needed) < _ENOUGH_TIMES:
            return most
        place = min(len(needed) - 1, int(self.quantile * len(needed)))
        return min(most, max(self.least, sorted(needed)[place]))


@dataclass(frozen=True)
class Compiled:
    """`result` is None when nothing was compiled ahead."""

    candidate: Candidate
    result: Artifact | CompileFailure | None
    seconds: float


def usual_pool_size(reserved: int = 1) -> int:
    """The processors this process may use, less those reserved for measuring; at least one, at most 32."""
    return max(1, min(32, len(os.sched_getaffinity(0)) - reserved))


class Pool(Protocol):
    """Used by one loop: `start` while `has_room`, wait on `connections` unless it `is_ready`, then `collect`."""

    @property
    def has_room(self) -> bool: ...

    @property
    def in_flight(self) -> int: ...

    @property
    def is_ready(self) -> bool:
        """Whether `collect` gives something without waiting."""
        ...

    def expect(self, candidate: Candidate) -> None:
        """Others like this one are going to be compiled."""
        ...

    def start(self, candidate: Candidate) -> None: ...

    def connections(self) -> list[Connection]: ...

    def collect(self) -> list[Compiled]: ...

    def drop(self) -> None: ...

    def close(self) -> None: ...


class NoPool:
    """Compiles nothing ahead: the measuring side compiles what it runs, with none of the deadlines that other processes allow."""

    def __init__(self) -> None:
        self._started: list[Candidate] = []

    @property
    def has_room(self) -> bool:
        return not self._started

    @property
    def in_flight(self) -> int:
        return len(self._started)

    is_ready = True

    def expect(self, candidate: Candidate) -> None:
        pass

    def start(self, candidate: Candidate) -> None:
        self._started.append(candidate)

    def connections(self) -> list[Connection]:
        return []

    def collect(self) -> list[Compiled]:
        ended = [Compiled(candidate, None, 0.0) for candidate in self._started]
        self._started.clear()
        return ended

    def drop(self) -> None:
        self._started.clear()

    def close(self) -> None:
        self._started.clear()


class CompilePool:
    """Persistent compile workers, started when there is first something for them to do."""

    is_ready = False

    def __init__(
        self,
        size: int,
        target: Target,
        *,
        server: ForkServer | None = None,
        compile_seconds: float = 60.0,
        adaptive: AdaptiveDeadline | None = None,
        workers: Sequence[CompileWorker] = (),
    ) -> None:
        """`compile_seconds` is the deadline of one compilation; an `adaptive` one comes down from there. Workers are forked off `server`;
        without one each imports for itself. `workers` stand in for the usual ones in tests."""
        self._server = server
        self._workers = list(workers) or [_worker(server) for _ in range(size)]
        self._target = target
        self._compile_seconds = compile_seconds
        self._adaptive = adaptive
        self._needed: list[float] = []
        self._in_flight: dict[int, tuple[Candidate, float]] = {}

    @property
    def has_room(self) -> bool:
        return len(self._in_flight) < len(self._workers)

    @property
    def in_flight(self) -> int:
        return len(self._in_flight)

    @property
    def deadline(self) -> float:
        """The seconds that the next compilation may take."""
        return self._compile_seconds if self._adaptive is None else self._adaptive.of(self._needed, self._compile_seconds)

    def expect(self, candidate: Candidate) -> None:
        if self._server is not None:
            for module in _IMPORT.findall(candidate.module.text):
                self._server.import_too(module)

    def start(self, candidate: Candidate) -> None:
        """Compile a candidate on an idle worker; running ones first."""
        self.expect(candidate)
        idle = [i for i in range(len(self._workers)) if i not in self._in_flight]
        index = min(idle, key=lambda i: not self._workers[i].process.is_running)
        self._workers[index].start_compile(candidate.module, self._target, self.deadline)
        self._in_flight[index] = (candidate, time.monotonic())

    def connections(self) -> list[Connection]:
        """Those that will become readable when a compilation ends."""
        return [self._workers[i].process.connection for i in self._in_flight]

    def collect(self) -> list[Compiled]:
        """What has ended: answered, died or passed its deadline."""
        now = time.monotonic()
        ended: list[Compiled] = []
        for index, (candidate, started) in list(self._in_flight.items()):
            process = self._workers[index].process
            if process.connection.poll() or (process.deadline is not None and process.deadline <= now):
                del self._in_flight[index]
                compiled = Compiled(candidate, self._workers[index].finish_compile(), time.monotonic() - started)
                ended.append(compiled)
                if isinstance(compiled.result, Artifact):
                    self._needed.append(compiled.seconds)
        return ended

    def drop(self) -> None:
        """Give up what is in flight; its workers are killed, the idle ones stay."""
        for index in self._in_flight:
            self._workers[index].close()
        self._in_flight.clear()

    def close(self) -> None:
        self._in_flight.clear()
        for worker in self._workers:
            worker.close()


def _worker(server: ForkServer | None) -> CompileWorker:
    return CompileWorker(None if server is None else WorkerProcess(server.forking(COMPILING)))
