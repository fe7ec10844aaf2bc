"""The measuring process's loop: requests from a connection in, timings, checks or failures to it out, about one `Subject`."""

from __future__ import annotations

import re
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import torch

from helion.autotune.correctness import Difference, compare
from helion.autotune.evaluator import Correctness
from helion.autotune.measure_messages import (
    Checked,
    CheckResults,
    MeasureFailure,
    MeasureOne,
    MeasureTogether,
    Ready,
    SetUp,
    Timings,
)
from helion.autotune.rounding import rounding_of
from helion.autotune.seeded import seeded
from helion.autotune.subject import CannotSetUpError, Subject, Timer
from helion.codegen.triton_module import TritonModule

# A CUDA context that has seen one of these answers every later call with it.
_STICKY = re.compile(
    r"illegal memory access|misaligned address|unspecified launch failure|device-side assert|illegal instruction|"
    r"hardware stack error|illegal address space|uncorrectable ECC|launch timed out|CUDA_ERROR_(?:ILLEGAL|MISALIGNED|LAUNCH_FAILED)",
    re.IGNORECASE,
)
_TOO_BIG = re.compile(r"OutOfResources|out of resource", re.IGNORECASE)
_REFUSED = re.compile(r"invalid argument|too many resources|invalid configuration", re.IGNORECASE)
# Reference mode runs a program of the grid at a time, in Python: 46 s for 10,240 programs of mamba2's chunk scan.
_SLOW_SECONDS = 10.0

SubjectFactory = Callable[[Any], Subject]


class WrongResultError(Exception):
    """A candidate's result is outside the tolerance."""


@dataclass
class Bench:
    """One subject and what is kept between requests: the arguments timed with and their expected result. Making one runs the reference:
    when that fails, no candidate is to blame. One that takes longer than `_SLOW_SECONDS` is run on the first arguments only."""

    subject: Subject
    _timer: Timer = field(init=False)
    _arguments: tuple[Any, ...] = field(init=False)
    _expected: Any = None
    _allowances: dict[int, float] = field(default_factory=dict[int, float])
    _reference_seconds: float = 0.0

    def __post_init__(self) -> None:
        self._timer = self.subject.make_timer()
        self._arguments = self.subject.inputs(0)
        if self.subject.comparison.enabled:
            started = time.perf_counter()
            self._expected = self._expected_of(0)
            self._reference_seconds = time.perf_counter() - started

    def _expected_of(self, input_set: int) -> Any:
        """Results and the arguments after the call both count: kernels may write into their arguments."""
        arguments = self.subject.inputs(input_set)
        with seeded():
            return self.subject.reference(arguments), _tensors_of(arguments)

    def answer(self, request: object) -> object:
        match request:
            case MeasureOne():
                return self._measure(request)
            case MeasureTogether():
                return self._measure_together(request)
            case CheckResults():
                return Checked(self._check(request))
            case _:
                msg = f"no answer to {type(request).__name__}"
                raise AssertionError(msg)

    def _measure(self, request: MeasureOne) -> Timings:
        function = self.subject.load(request.module)
        if self.subject.comparison.enabled:
            difference = self._difference(function, 0, self._expected)
            if difference.worst > 1 and difference.worst > self._allowed(0, self._expected[0]):
                raise WrongResultError(difference.message)
        return Timings((self._timer.time(lambda: function(*self._arguments), request.best),))

    def _measure_together(self, request: MeasureTogether) -> Timings:
        calls = {index: call for index, module in enumerate(request.modules) if (call := self._call(module)) is not None}
        timings = dict(zip(calls, self._timer.time_interleaved(list(calls.values()), request.rounds), strict=True))
        return Timings(tuple(timings.get(index) for index in range(len(request.modules))))

    def _call(self, module: TritonModule) -> Callable[[], Any] | None:
        function = self.subject.load(module)
        try:
            function(*self._arguments)
        except Exception as error:
            if failure_of(error).sticky:
                raise
            return None
        return lambda: function(*self._arguments)

    def _difference(self, function: Callable[..., Any], input_set: int, expected: tuple[Any, Any]) -> Difference:
        """Of the results, then of the arguments after the call."""
        arguments = self.subject.inputs(input_set)
        comparison = self.subject.comparison
        with seeded():
            results = function(*arguments)
        of_results = comparison.of(results, expected[0])
        of_arguments = compare(_tensors_of(arguments), expected[1], comparison.tolerance)
        return max(of_results, of_arguments, key=_worst)

    def _allowed(self, input_set: int, expected: Any) -> float:
        """How many tolerances results may differ from the expected ones by: more than one where rounding moves the reference's own."""
        comparison = self.subject.comparison
        if comparison.custom is not None:
            return 1.0
        if input_set not in self._allowances:
            with seeded():
                moved = rounding_of(self.subject.reference, self.subject.inputs(input_set), expected, comparison.tolerance)
            self._allowances[input_set] = 1.0 + 2.0 * moved
        return self._allowances[input_set]

    def _check(self, request: CheckResults) -> Correctness:
        if not self.subject.comparison.enabled:
            return Correctness(None, "none", 0, 0, None, "not checked: autotune_accuracy_check is off")
        function = self.subject.load(request.module)
        worst, allowed, passed = Difference(0.0, ""), 1.0, True
        input_sets = request.input_sets if self._reference_seconds <= _SLOW_SECONDS else 1
        for input_set in range(input_sets):
            expected = self._expected if input_set == 0 else self._expected_of(input_set)
            for _ in range(request.repeats):
                difference = self._difference(function, input_set, expected)
                if difference.worst > 1:
                    allowed = max(allowed, self._allowed(input_set, expected[0]))
                    passed = passed and difference.worst <= self._allowed(input_set, expected[0])
                worst = max(worst, difference, key=_worst)
        return Correctness(
            passed=passed,
            reference=self.subject.reference_name,
            input_sets=input_sets,
            repeats=request.repeats,
            worst=worst.worst,
            message="" if passed else worst.message,
            allowed=allowed,
        )


class MeasurementServer:
    """Answers every request, failures included; `SetUp` gives it its subject."""

    def __init__(self, make_subject: SubjectFactory) -> None:
        self._make_subject = make_subject
        self._bench: Bench | None = None

    def answer(self, request: object) -> object:
        if isinstance(request, SetUp):
            return self._set_up(request)
        try:
            assert self._bench is not None, "SetUp comes first"
            return self._bench.answer(request)
        except Exception as error:  # noqa: BLE001 - candidates fail in every way there is; each is an answer
            return failure_of(error)

    def _set_up(self, request: SetUp) -> Ready | MeasureFailure:
        try:
            self._bench = Bench(self._make_subject(request.subject))
        except Exception as error:  # noqa: BLE001 - importing a user's file fails in every way there is
            return MeasureFailure("set-up", _where_and_what(error), sticky=True)
        return Ready(self._bench.subject.device)


def _where_and_what(error: Exception) -> str:
    """One line: what went wrong, and for errors that are not ours, the line of the file that raised it."""
    if isinstance(error, CannotSetUpError):
        return str(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    what = "".join(traceback.format_exception_only(error)).strip()
    return f"{what} ({frame.filename}:{frame.lineno})"


def serve(connection: Connection, make_subject: SubjectFactory) -> None:
    """Answer until the connection closes, or until a failure that leaves the device unusable."""
    server = MeasurementServer(make_subject)
    while True:
        try:
            request = connection.recv()
        except EOFError:
            return
        answer = server.answer(request)
        connection.send(answer)
        if isinstance(answer, MeasureFailure) and answer.sticky:
            return


def failure_of(error: Exception) -> MeasureFailure:
    """An exception of a candidate as data."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, WrongResultError):
        return MeasureFailure("wrong-result", str(error))
    if _STICKY.search(text):
        return MeasureFailure("device-error", text, sticky=True)
    if isinstance(error, torch.OutOfMemoryError):
        return MeasureFailure("out-of-memory", text)
    if _TOO_BIG.search(text):
        return MeasureFailure("out-of-resources", text)
    if _REFUSED.search(text):
        return MeasureFailure("launch", text)
    return MeasureFailure("run", "".join(traceback.format_exception(error)))


def _worst(difference: Difference) -> float:
    return difference.worst


def _tensors_of(arguments: tuple[Any, ...]) -> tuple[torch.Tensor, ...]:
    return tuple(argument for argument in arguments if isinstance(argument, torch.Tensor))
