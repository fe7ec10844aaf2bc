"""Candidates in, estimated times out: compiled for a target without a GPU, then judged by the model; every time is an estimate."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from multiprocessing.connection import wait

from helion.autotune.candidate import Candidate
from helion.autotune.compile_pool import Compiled, CompilePool
from helion.autotune.evaluator import TICK_SECONDS, Confirmed, Correctness, Judged
from helion.offline.artifact import Artifact, CompileFailure
from helion.target import Target
from helion.trials.trial import Failure, Outcome

Estimator = Callable[[Candidate, Artifact], float]


class ModelEvaluator:
    """`estimator` gives µs for a compiled candidate; `resolution` is the share of an estimate that its noise is said to be."""

    method = "model"

    def __init__(self, pool: CompilePool, target: Target, estimator: Estimator, resolution: float) -> None:
        self._pool = pool
        self._resolution = resolution
        self._estimator = estimator
        self.device = target.name
        self._estimates: dict[str, float] = {}

    def evaluate(self, candidates: Iterator[Candidate]) -> Generator[Judged | None]:
        try:
            yield from self._evaluate(candidates)
        finally:
            self._pool.drop()

    def _evaluate(self, candidates: Iterator[Candidate]) -> Generator[Judged | None]:
        more = True
        while True:
            while more and self._pool.has_room:
                candidate = next(candidates, None)
                more = candidate is not None
                if candidate is not None:
                    self._pool.start(candidate)
            if not self._pool.in_flight:
                return
            wait(self._pool.connections(), TICK_SECONDS)
            for compiled in self._pool.collect():
                yield compiled.candidate, self._outcome(compiled)
            yield None

    def _outcome(self, compiled: Compiled) -> Outcome:
        result = compiled.result
        if isinstance(result, CompileFailure):
            return Outcome(failure=Failure(result.kind, result.message), seconds=compiled.seconds)
        assert result is not None, "the model needs artifacts"
        estimate = self._estimator(compiled.candidate, result)
        self._estimates[compiled.candidate.code] = estimate
        return Outcome(microseconds=estimate, noise=self._resolution * estimate, resources=result.resources(), seconds=compiled.seconds)

    def confirm(self, finalists: Sequence[Candidate]) -> list[Confirmed]:
        """The same estimates again, with the model's resolution as their noise; those taken over from a log are made first."""
        for _ in self.evaluate(candidate for candidate in finalists if candidate.code not in self._estimates):
            pass
        estimates = ((candidate, self._estimates.get(candidate.code)) for candidate in finalists)
        return [Confirmed(candidate, time, self._resolution * time) for candidate, time in estimates if time is not None]

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
