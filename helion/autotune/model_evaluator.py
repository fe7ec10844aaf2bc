"""Candidates in, estimated times out: compiled for a target without a GPU, then judged by the model; every time is an estimate."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import wait

from helion.autotune.compile_pool import Compiled, CompilePool
from helion.autotune.evaluator import Confirmed, Correctness
from helion.autotune.trial import Candidate, Failure, Outcome
from helion.offline.artifact import Artifact, CompileFailure
from helion.target import Target

Estimator = Callable[[Candidate, Artifact], float]


class ModelEvaluator:
    """`estimator` gives µs for a compiled candidate."""

    method = "model"

    def __init__(self, pool: CompilePool, target: Target, estimator: Estimator) -> None:
        self._pool = pool
        self._estimator = estimator
        self.device = target.name
        self._estimates: dict[str, float] = {}

    def evaluate(self, candidates: Iterator[Candidate]) -> Iterator[tuple[Candidate, Outcome]]:
        try:
            yield from self._evaluate(candidates)
        finally:
            self._pool.drop()

    def _evaluate(self, candidates: Iterator[Candidate]) -> Iterator[tuple[Candidate, Outcome]]:
        more = True
        while True:
            while more and self._pool.has_room:
                candidate = next(candidates, None)
                more = candidate is not None
                if candidate is not None:
                    self._pool.start(candidate)
            if not self._pool.in_flight:
                return
            deadline = self._pool.next_deadline()
            wait(self._pool.connections(), None if deadline is None else max(0.0, deadline - time.monotonic()))
            for compiled in self._pool.collect():
                yield compiled.candidate, self._outcome(compiled)

    def _outcome(self, compiled: Compiled) -> Outcome:
        result = compiled.result
        if isinstance(result, CompileFailure):
            return Outcome(failure=Failure(result.kind, result.message), seconds=compiled.seconds)
        estimate = self._estimator(compiled.candidate, result)
        self._estimates[compiled.candidate.code] = estimate
        return Outcome(microseconds=estimate, resources=result.resources(), seconds=compiled.seconds)

    def confirm(self, finalists: Sequence[Candidate]) -> list[Confirmed]:
        """The same estimates again, as the model has no noise; those taken over from a log are made first."""
        for _ in self.evaluate(candidate for candidate in finalists if candidate.code not in self._estimates):
            pass
        return [Confirmed(c, self._estimates[c.code], 0.0) for c in finalists if c.code in self._estimates]

    def check(self, candidate: Candidate) -> Correctness:
        """Nothing is run without a GPU, and this says so."""
        return Correctness(
            passed=None,
            reference="none",
            input_sets=0,
            repeats=0,
            worst=None,
            message="not run: the model method has no GPU to compare results on",
        )

    def close(self) -> None:
        self._pool.close()
