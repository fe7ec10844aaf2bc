"""What can be wrong with a tuning: nothing to tune with, or no config to keep."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Note

_REMEDIES = MappingProxyType(
    {
        "out-of-resources": "smaller block sizes or fewer stages need less; `helion show FILE::kernel --resources` says how much",
        "miscompiled": "a fault of ptxas with some configs of a kernel; `TRITON_PTXAS_PATH` names another release of it",
        "timeout": "the deadline is `autotune_compile_timeout`, and at most a quarter of the budget",
        "run-timeout": "a launch that takes seconds is taken for one that hangs",
        "wrong-result": "if this is rounding, say so with `autotune_baseline_rtol` or `autotune_baseline_atol`",
        "device-error": "such a config reads or writes outside its tensors: an index is not masked, or a tensor is smaller than is assumed",
        "out-of-memory": "the arguments, their copies and the reference's results must fit the GPU together",
    }
)
_LINES = 12


@dataclass(frozen=True)
class FailureCause:
    """One kind of failure: how many configs it ended, and the first's message."""

    kind: str
    count: int
    first: str


@dataclass(frozen=True)
class NoConfigFound(Diagnostic):
    """Every config that was tried failed to compile, to run, or to give the right result. The notes count the reasons.

    Bad:
        >>> # helion tune kernels.py::matmul: 137 out-of-resources, 40 triton
    Good:
        >>> # helion show kernels.py::matmul --resources tells what the default config needs
    """

    code: ClassVar[str] = "no-config-found"
    exception: ClassVar[str] = "NoConfigFound"
    kernel: str
    causes: tuple[FailureCause, ...]

    def message(self) -> str:
        counts = ", ".join(f"{cause.count} {cause.kind}" for cause in self.causes)
        return f"no config of `{self.kernel}` works: {counts or 'none was tried'}"

    def notes(self) -> tuple[Note, ...]:
        return tuple(note for cause in self.causes for note in _notes_of(cause))


@dataclass(frozen=True)
class ResultsDiffer(Diagnostic):
    """Every config that runs gives other results than the reference, so the kernel, the reference or the tolerance is suspect, not
    the configs.

    Bad:
        >>> # out[tile] = x[tile] + hl.rand(tile): different on every run
    Good:
        >>> # @helion.kernel(autotune_baseline_fn=reference, autotune_baseline_rtol=0.05)
    """

    code: ClassVar[str] = "tuned-results-differ"
    exception: ClassVar[str] = "NoConfigFound"
    kernel: str
    difference: str
    causes: tuple[FailureCause, ...] = ()

    def message(self) -> str:
        return f"no config of `{self.kernel}` gives the reference's results: {self.difference}"

    def notes(self) -> tuple[Note, ...]:
        return tuple(note for cause in self.causes for note in _notes_of(cause))


@dataclass(frozen=True)
class TuningUnavailable(Diagnostic):
    """There is nothing to tune with: no GPU, the file cannot be imported, or the arguments cannot be made.

    Bad:
        >>> # helion tune kernels.py::matmul, on a machine without a GPU, with a file that imports a missing module
    Good:
        >>> # helion tune kernels.py::matmul --target sm_90 estimates without a GPU
    """

    code: ClassVar[str] = "tuning-unavailable"
    exception: ClassVar[str] = "AutotuneError"
    kernel: str
    reason: str

    def message(self) -> str:
        return f"`{self.kernel}` cannot be tuned here: {self.reason}"


def _notes_of(cause: FailureCause) -> list[Note]:
    lines = cause.first.strip().splitlines()
    shown = lines if len(lines) <= _LINES else ["...", *lines[-_LINES:]]
    notes = [Note(f"{cause.count} {cause.kind}, the first: " + "\n".join(shown))]
    return [*notes, Note(_REMEDIES[cause.kind])] if cause.kind in _REMEDIES else notes
