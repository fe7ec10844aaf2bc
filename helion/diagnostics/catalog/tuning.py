"""What can be wrong with a tuning: nothing to tune with, or no config to keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Note


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
    reasons: tuple[tuple[str, int], ...]
    first: str

    def message(self) -> str:
        counts = ", ".join(f"{count} {kind}" for kind, count in self.reasons)
        return f"no config of `{self.kernel}` works: {counts or 'none was tried within the budget'}"

    def notes(self) -> tuple[Note, ...]:
        return (Note(f"the first failure was: {self.first}"),) if self.first else ()


@dataclass(frozen=True)
class ResultsDiffer(Diagnostic):
    """No config's results agree with the reference's, so the kernel, the reference or the tolerance is suspect, not the configs.

    Bad:
        >>> # out[tile] = x[tile] + hl.rand(tile): different on every run
    Good:
        >>> # @helion.kernel(autotune_baseline_fn=reference, autotune_baseline_rtol=0.05)
    """

    code: ClassVar[str] = "tuned-results-differ"
    exception: ClassVar[str] = "NoConfigFound"
    kernel: str
    difference: str

    def message(self) -> str:
        return f"no config of `{self.kernel}` gives the reference's results: {self.difference}"


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
