"""The measuring process of `helion tune`: imports the user's file, makes arguments for its kernel, and answers what the tuner asks.

Run as `python -m helion.runtime.measure_process FD`, or forked off a process that has it imported. It may hang, crash or lose its
GPU: the tuner kills it and starts another.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from helion.autotune.kernel_in_file import KernelInFile
from helion.autotune.make_inputs import make_inputs
from helion.autotune.serve_measurements import serve
from helion.autotune.subject import CannotSetUpError
from helion.diagnostics.diagnostic import Diagnostic
from helion.offline.process import connection_of_arguments
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.import_kernel import examples_of, import_kernel
from helion.runtime.kernel import Kernel
from helion.runtime.live_subject import LiveSubject
from helion.signatures.notation import format_notation, notation_of_arguments, parse_notation


def make_subject(request: object) -> LiveSubject:
    """The kernel named by a `KernelInFile`, with arguments. Raises CannotSetUpError and whatever importing the file raises."""
    assert isinstance(request, KernelInFile)
    if not torch.cuda.is_available():
        raise CannotSetUpError("there is no GPU here to measure on")
    kernel = import_kernel(Path(request.path), request.qualname, request.number)
    arguments = _arguments(kernel, request.arguments)
    bound = kernel.bind(arguments)
    assert isinstance(bound, BoundKernel), "the measuring process does not interpret"
    return LiveSubject(bound, arguments)


def _arguments(kernel: Kernel, notation: str) -> tuple[Any, ...]:
    """The arguments of that signature: the kernel's own example if there is one, else made up."""
    types = parse_notation(notation)
    if isinstance(types, Diagnostic):
        raise CannotSetUpError(types.message())
    for _, example in examples_of(kernel):
        if notation_of_arguments(example[: len(types)]) == format_notation(types):
            return example
    missing = [p for p in list(kernel.signature.parameters.values())[len(types) :] if p.default is p.empty]
    if missing:
        raise CannotSetUpError(f"no type is given for `{missing[0].name}`")
    return kernel.normalize_args(*make_inputs(types, list(kernel.signature.parameters)[: len(types)], seed=0, device="cuda"))


def prepare() -> None:
    """Before children are forked that run `main`: what they need was imported with this module, and nothing may touch the GPU yet."""


def main(arguments: Sequence[str]) -> None:
    serve(connection_of_arguments(arguments), make_subject)


if __name__ == "__main__":
    main(sys.argv)
