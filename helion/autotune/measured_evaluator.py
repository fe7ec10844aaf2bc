"""Candidates in, measured times out: compiled in parallel, timed one at a time in a process that may hang, crash or poison its device."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol

from helion.autotune.candidate import Candidate
from helion.autotune.compile_pool import Compiled, Pool
from helion.autotune.evaluator import TICK_SECONDS, Confirmed, Correctness, Judged
from helion.autotune.hopeless import Hopeless
from helion.autotune.measure_messages import (
    Checked,
    CheckResults,
    MeasureFailure,
    MeasureOne,
    MeasureTogether,
    Ready,
    SetUp,
    Timing,
    Timings,
)
from helion.offline.artifact import Artifact, CompileFailure
from helion.offline.process import ProcessFailure
from helion.trials.trial import Failure, Outcome

# Failures to compile that are final. Others are tried on the device, where what compiles for a launch is what counts, until something
# compiled ahead has run there: from then on the two compilers are taken for the same.
_FINAL = frozenset({"timeout", "crash", "out-of-resources", "miscompiled"})
_ROUNDS = 10
_INPUT_SETS = 2
_REPEATS = 3
_PROCESS_KINDS = {"timeout": "run-timeout", "crash": "run-crash"}


class MeasuringProcess(Protocol):
    """What `helion.offline.process.WorkerProcess` does: one message in flight, its answer or a `ProcessFailure` by a deadline."""

    deadline: float | None

    @property
    def is_busy(self) -> bool: ...

    @property
    def connection(self) -> Connection: ...

    def send(self, message: object, seconds: float) -> None: ...

    def receive(self) -> Any: ...

    def request(self, message: object, seconds: float) -> Any: ...

    def close(self) -> None: ...


class MeasuringUnavailableError(Exception):
    """The measuring process cannot be set up: there is nothing to tune with. The message says why."""


@dataclass(frozen=True)
class Deadlines:
    """In seconds: setting a process up (imports, inputs), one candidate, one round of confirming or checking."""

    set_up: float = 120.0
    measure: float = 20.0
    confirm: float = 120.0


@dataclass(frozen=True)
class _Waiting:
    candidate: Candidate
    resources: dict[str, object]
    compile_seconds: float
    first: Timing | None = None


class MeasuredEvaluator:
    """Owns the measuring process and the compile pool."""

    method = "measured"

    def __init__(
        self,
        pool: Pool,
        process: MeasuringProcess,
        set_up: SetUp,
        deadlines: Deadlines | None = None,
        *,
        suspicious: float = 0.0,
        first_at_once: bool = False,
        hopeless: Hopeless | None = None,
    ) -> None:
        """A time below `suspicious` times the best so far is taken twice; the slower one counts. `first_at_once`: the measuring side
        compiles the first candidate itself, while those that compile the others start. What `hopeless` finds to be so is not run."""
        self._pool = pool
        self._process = process
        self._set_up = set_up
        self._deadlines = deadlines or Deadlines()
        self._suspicious = suspicious
        self._at_once = first_at_once
        self._hopeless = hopeless
        self._is_ready = False
        self._compilers_agree = False
        self._measuring: _Waiting | None = None
        self._best: float | None = None
        self.device = "?"

    def start(self) -> None:
        """Set the measuring process up. Raises MeasuringUnavailableError."""
        self._process.close()
        self._send_set_up()
        self._receive_set_up()

    def evaluate(self, candidates: Iterator[Candidate]) -> Generator[Judged | None]:
        try:
            yield from self._evaluate(candidates)
        finally:
            self._pool.drop()
            if self._process.is_busy:
                self._forget_process()
            self._measuring = None

    def _evaluate(self, candidates: Iterator[Candidate]) -> Generator[Judged | None]:
        queue: deque[_Waiting] = deque()
        more = True
        while True:
            while more and self._pool.has_room and len(queue) < 2 * _ROUNDS:
                candidate = next(candidates, None)
                more = candidate is not None
                if candidate is None:
                    break
                if self._at_once:
                    self._at_once = False
                    self._pool.expect(candidate)
                    queue.append(_Waiting(candidate, {}, 0.0))
                else:
                    self._pool.start(candidate)
            self._feed(queue)
            if not self._pool.in_flight and not self._process.is_busy and not queue:
                return
            self._wait()
            for compiled in self._pool.collect():
                outcome = self._compiled(compiled, queue)
                if outcome is not None:
                    yield compiled.candidate, outcome
            yield self._collect()

    def _feed(self, queue: deque[_Waiting]) -> None:
        """Give the idle measuring process something to do."""
        if self._process.is_busy:
            return
        if not self._is_ready:
            self._send_set_up()
        elif queue:
            self._measuring = queue.popleft()
            self._process.send(MeasureOne(self._measuring.candidate.module, self._best), self._deadlines.measure)

    def _wait(self) -> None:
        connections = self._pool.connections()
        if self._process.is_busy:
            connections.append(self._process.connection)
        wait(connections, 0.0 if self._pool.is_ready and self._pool.in_flight else TICK_SECONDS)

    def _compiled(self, compiled: Compiled, queue: deque[_Waiting]) -> Outcome | None:
        """The outcome of a compilation that settles the candidate; else it joins the queue."""
        result = compiled.result
        if isinstance(result, CompileFailure) and (result.kind in _FINAL or self._compilers_agree):
            return Outcome(failure=Failure(result.kind, result.message), seconds=compiled.seconds)
        resources = result.resources() if isinstance(result, Artifact) else {}
        if isinstance(result, Artifact) and self._hopeless is not None:
            hopeless = self._hopeless.failure_of(compiled.candidate, result)
            if hopeless is not None:
                return Outcome(failure=hopeless, resources=resources, seconds=compiled.seconds)
        queue.append(_Waiting(compiled.candidate, resources, compiled.seconds))
        return None

    def _collect(self) -> Judged | None:
        """What the measuring process has answered, if it has."""
        process = self._process
        if not process.is_busy or not (process.connection.poll() or time.monotonic() >= (process.deadline or 0.0)):
            return None
        if not self._is_ready:
            self._receive_set_up()
            return None
        waiting, self._measuring = self._measuring, None
        assert waiting is not None
        answer = process.receive()
        match answer:
            case Timings((timing,)) if timing is not None:
                if waiting.first is None and self._best is not None and timing.microseconds < self._best * self._suspicious:
                    self._measuring = replace(waiting, first=timing)
                    process.send(MeasureOne(waiting.candidate.module, None), self._deadlines.measure)
                    return None
                timing = max(timing, waiting.first or timing, key=_microseconds)
                self._compilers_agree = self._compilers_agree or bool(waiting.resources)
                self._best = timing.microseconds if self._best is None else min(self._best, timing.microseconds)
                if self._hopeless is not None:
                    self._hopeless.ran(waiting.candidate, timing.microseconds)
                outcome = Outcome(timing.microseconds, timing.noise, None, waiting.resources, waiting.compile_seconds)
            case _:
                outcome = Outcome(failure=self._failure(answer), resources=waiting.resources, seconds=waiting.compile_seconds)
        return waiting.candidate, outcome

    def _failure(self, answer: object) -> Failure:
        """The failure in an answer; a process it has ruined is given up."""
        match answer:
            case ProcessFailure(kind, message):
                self._is_ready = False
                return Failure(_PROCESS_KINDS[kind], message)
            case MeasureFailure(kind, message, sticky):
                if sticky:
                    self._forget_process()
                return Failure(kind, message)
            case _:
                msg = f"unexpected answer {answer!r}"
                raise AssertionError(msg)

    def confirm(self, finalists: Sequence[Candidate]) -> list[Confirmed]:
        """All together in a fresh process; if that fails, one by one, so that one bad finalist costs only itself."""
        self.start()
        together = self._confirm_together(finalists)
        if together is not None:
            return together
        alone = [self._confirm_together([finalist]) for finalist in finalists]
        return [confirmed for group in alone if group is not None for confirmed in group]

    def _confirm_together(self, finalists: Sequence[Candidate]) -> list[Confirmed] | None:
        if not self._is_ready:
            self.start()
        request = MeasureTogether(tuple(finalist.module for finalist in finalists), _ROUNDS)
        answer = self._process.request(request, self._deadlines.confirm)
        if not isinstance(answer, Timings):
            self._failure(answer)
            return None
        pairs = zip(finalists, answer.timings, strict=True)
        return [Confirmed(finalist, t.microseconds, t.noise) for finalist, t in pairs if t is not None]

    def check(self, candidate: Candidate) -> Correctness:
        if not self._is_ready:
            self.start()
        request = CheckResults(candidate.module, _INPUT_SETS, _REPEATS)
        answer = self._process.request(request, self._deadlines.confirm)
        if isinstance(answer, Checked):
            return answer.correctness
        failure = self._failure(answer)
        message = f"{failure.kind}: {failure.message}"
        return Correctness(passed=False, reference="none", input_sets=_INPUT_SETS, repeats=_REPEATS, worst=None, message=message)

    def close(self) -> None:
        self._process.close()
        self._pool.close()

    def _send_set_up(self) -> None:
        self._is_ready = False
        self._process.send(self._set_up, self._deadlines.set_up)

    def _receive_set_up(self) -> None:
        answer = self._process.receive()
        if not isinstance(answer, Ready):
            failure = self._failure(answer)
            raise MeasuringUnavailableError(failure.message)
        self.device = answer.device
        self._is_ready = True

    def _forget_process(self) -> None:
        self._process.close()
        self._is_ready = False


def _microseconds(timing: Timing) -> float:
    return timing.microseconds
