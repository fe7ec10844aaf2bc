"""What processes that import a user's file are asked and answer: a kernel by file and name, and its arguments; plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class KernelInFile:
    """`arguments` is a signature in the notation of hovers and locks. Arguments come from the kernel's `inputs=` generator when one of
    its tuples has that signature, else they are made up from it. `number` is which of several kernels of its name is meant, counted from
    1; None where it has its name alone."""

    path: str
    qualname: str
    arguments: str
    number: int | None = None


@dataclass(frozen=True)
class ExampleSignatures:
    """Name and signature of every example of a kernel's `inputs=`, in order; `problem` says why there are none."""

    signatures: tuple[tuple[str, str], ...]
    problem: str | None = None
