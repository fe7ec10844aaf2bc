"""Kernels of files in, the signatures that their `inputs=` make out; one child process imports the users' modules for all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from helion.autotune.kernel_in_file import ExampleSignatures, KernelInFile
from helion.offline.process import ProcessFailure, WorkerProcess, python_command
from helion.syntax.namesakes import number_of
from helion.syntax.tree import KernelSyntax

_SECONDS = 120.0


class ExampleReader:
    """Ask it about any number of kernels; each is imported in a process that hangs or crashes at its own cost."""

    def __init__(self) -> None:
        self._process = WorkerProcess(python_command("helion.runtime.example_signatures"))

    def read(self, kernel: KernelSyntax) -> ExampleSignatures:
        """The examples' signatures; nothing, without a process, for a kernel without `inputs=`."""
        if "inputs" not in kernel.keywords:
            return ExampleSignatures(())
        answer = self._process.request(
            KernelInFile(str(Path(kernel.file.path).resolve()), kernel.qualname, "", number_of(kernel)), _SECONDS
        )
        if isinstance(answer, ProcessFailure):
            return ExampleSignatures((), answer.message)
        assert isinstance(answer, ExampleSignatures)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.close()


def complete_signatures(examples: ExampleSignatures) -> tuple[str, ...]:
    """Each once; without those that a signature cannot say all of."""
    return tuple(dict.fromkeys(signature for _, signature in examples.signatures if "?" not in signature))
