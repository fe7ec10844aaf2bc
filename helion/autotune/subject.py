"""What the measuring process needs to know of the thing measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from helion.autotune.correctness import Comparison
from helion.autotune.measure_messages import Timing
from helion.codegen.triton_module import TritonModule

Call = Callable[[], Any]


class CannotSetUpError(Exception):
    """There is no subject to measure; the message is for the user."""


class Timer(Protocol):
    """Times calls on the device."""

    def time(self, call: Call, best: float | None) -> Timing:
        """The median of many repetitions, each with a cold L2 cache; of the fewer, the further the call is behind `best` µs."""
        ...

    def time_interleaved(self, calls: Sequence[Call], rounds: int) -> list[Timing]:
        """All calls in turn, `rounds` times: what drifts (clocks, temperature) drifts for all."""
        ...


class Subject(Protocol):
    """A kernel with its inputs on a device; lives in the measuring process."""

    @property
    def device(self) -> str: ...

    @property
    def reference_name(self) -> str:
        """What `reference` is, in words: "the eager reference", "the default config"."""
        ...

    @property
    def comparison(self) -> Comparison:
        """How results are judged."""
        ...

    def make_timer(self) -> Timer:
        """Asked for once."""
        ...

    def inputs(self, input_set: int) -> tuple[Any, ...]:
        """Arguments of set 0, 1, ...: the same on every call, freshly allocated."""
        ...

    def load(self, module: TritonModule) -> Callable[..., Any]:
        """The candidate as a function of the arguments."""
        ...

    def reference(self, arguments: tuple[Any, ...]) -> Any:
        """The right result for these arguments, which it may change as the kernel would."""
        ...
