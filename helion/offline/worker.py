"""Compile requests in, artifacts or failures out, from a child process that may hang or die; this side does not import triton.

Each child runs `helion.offline.serve`, keeps triton imported and compiles one module at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from helion.codegen.triton_module import TritonModule
from helion.offline.artifact import Artifact, CompileFailure
from helion.offline.process import ProcessFailure, WorkerProcess, python_command
from helion.target import Target

# The module that a compiling child runs.
COMPILING = "helion.offline.serve"


@dataclass(frozen=True)
class CompileRequest:
    module: TritonModule
    target: Target


class CompileWorker:
    """One persistent compiling child."""

    def __init__(self, process: WorkerProcess | None = None, *, start_seconds: float = 60.0) -> None:
        """`process` stands in for the usual child. A fresh child has `start_seconds` more for its first compile, for its imports."""
        self.process = process or WorkerProcess(python_command(COMPILING))
        self._start_seconds = start_seconds

    def start_compile(self, module: TritonModule, target: Target, seconds: float = 60.0) -> None:
        """Begin; the result must come within `seconds`."""
        grace = 0.0 if self.process.is_running else self._start_seconds
        self.process.send(CompileRequest(module, target), seconds + grace)

    def finish_compile(self) -> Artifact | CompileFailure:
        """Wait for the result of `start_compile`."""
        answer = self.process.receive()
        if isinstance(answer, ProcessFailure):
            return CompileFailure(answer.kind, answer.message)
        assert isinstance(answer, Artifact | CompileFailure)
        return answer

    def compile(self, module: TritonModule, target: Target, seconds: float = 60.0) -> Artifact | CompileFailure:
        self.start_compile(module, target, seconds)
        return self.finish_compile()

    def close(self) -> None:
        self.process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
