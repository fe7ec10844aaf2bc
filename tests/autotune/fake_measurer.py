"""A measuring process without a GPU: candidates are functions that obey the text of their module; their "times" are in it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from helion.autotune.correctness import Comparison, Tolerance
from helion.autotune.measure_messages import Timing
from helion.autotune.serve_measurements import serve
from helion.autotune.subject import Call
from helion.codegen.triton_module import TritonModule
from helion.offline.process import connection_of_arguments


class FakeTimer:
    """A call returns; the time it stands for is its `result.microseconds`."""

    def time(self, call: Call, best: float | None) -> Timing:
        return Timing(call().microseconds, 0.1, 10)

    def time_interleaved(self, calls: Sequence[Call], rounds: int) -> list[Timing]:
        return [Timing(call().microseconds, 0.1, rounds) for call in calls]


class Result(list):
    """A result that compares as a list of tensors and carries the fake time."""

    def __init__(self, value: torch.Tensor, microseconds: float) -> None:
        super().__init__([value])
        self.microseconds = microseconds


@dataclass
class FakeSubject:
    device: str = "Fake GPU"
    reference_name: str = "a fake reference"
    comparison: Comparison = field(default_factory=Comparison)

    def make_timer(self) -> FakeTimer:
        return FakeTimer()

    def inputs(self, input_set: int) -> tuple[Any, ...]:
        return (torch.arange(4.0) + input_set,)

    def load(self, module: TritonModule) -> Callable[..., Any]:
        words = module.text.split()
        return lambda x: behave(words, x)

    def reference(self, arguments: tuple[Any, ...]) -> Any:
        if self.device == "Fake GPU without a reference":
            raise ValueError("the reference failed")
        return [arguments[0] * 2]


def behave(words: list[str], x: torch.Tensor) -> Result:
    match words[0]:
        case "time":
            return Result(x * 2, float(words[1]))
        case "wrong":
            return Result(x * 2 + 1, float(words[1]))
        case "wrong-on-the-second-input":
            return Result(x * 2 if x[0] == 0 else x, float(words[1]))
        case "run-hang":
            time.sleep(1000)
        case "run-abort":
            os.abort()
        case "run-poison":
            raise RuntimeError("CUDA error: an illegal memory access was encountered")
        case "run-out-of-memory":
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 512.00 GiB")
        case "run-refuse":
            raise RuntimeError("out of resource: shared memory, Required: 1, Hardware limit: 0")
    raise ValueError(words[0])


def make_subject(kind: object) -> FakeSubject:
    match kind:
        case "broken":
            raise ImportError("no module named 'users_module'")
        case "no-reference":
            return FakeSubject("Fake GPU without a reference")
        case "unchecked":
            return FakeSubject(comparison=Comparison(enabled=False))
        case "loose":
            return FakeSubject(comparison=Comparison(Tolerance(absolute=2.0)))
        case "custom":
            return FakeSubject(comparison=Comparison(custom=refuse_the_odd))
        case _:
            return FakeSubject()


def refuse_the_odd(actual: list[torch.Tensor], expected: list[torch.Tensor]) -> None:
    assert bool((actual[0] % 2 == expected[0] % 2).all()), "an odd result"


if __name__ == "__main__":
    serve(connection_of_arguments(sys.argv), make_subject)
