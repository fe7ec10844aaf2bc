"""The measuring process of `helion tune`: imports the user's file, makes arguments for its kernel, and answers what the tuner asks.

Run as `python -m helion.runtime.measure_process FD`. It may hang, crash or lose its GPU: the tuner kills it and starts another.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import torch

from helion.autotune.kernel_in_file import KernelInFile
from helion.autotune.make_inputs import make_inputs
from helion.autotune.serve_measurements import serve
from helion.autotune.subject import CannotSetUpError
from helion.diagnostics.diagnostic import Diagnostic
from helion.offline.process import connection_of_arguments
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel
from helion.runtime.tune_in_process import LiveSubject
from helion.signatures.from_values import type_of_value
from helion.signatures.notation import parse_notation
from helion.types.types import Type


def make_subject(request: object) -> LiveSubject:
    """The kernel named by a `KernelInFile`, with arguments. Raises CannotSetUpError and whatever importing the file raises."""
    assert isinstance(request, KernelInFile)
    if not torch.cuda.is_available():
        raise CannotSetUpError("there is no GPU here to measure on")
    kernel = import_kernel(Path(request.path), request.qualname)
    arguments = _arguments(kernel, request.arguments)
    bound = kernel.bind(arguments)
    assert isinstance(bound, BoundKernel), "the measuring process does not interpret"
    return LiveSubject(bound, arguments)


def import_kernel(path: Path, qualname: str) -> Kernel:
    """Import a file as Python would (inside its package, if it is in one) and take the kernel from it."""
    package_root = path.resolve().parent
    parts = [path.stem]
    while (package_root / "__init__.py").exists():
        parts.insert(0, package_root.name)
        package_root = package_root.parent
    sys.path.insert(0, str(package_root))
    found: Any = importlib.import_module(".".join(parts))
    for name in qualname.split("."):
        found = getattr(found, name, None)
    if not isinstance(found, Kernel):
        raise CannotSetUpError(f"`{qualname}` in {path.name} is {type(found).__name__}, not a kernel")
    return found


def _arguments(kernel: Kernel, notation: str) -> tuple[Any, ...]:
    """The arguments of that signature: the kernel's own example if there is one, else made up."""
    types = parse_notation(notation)
    if isinstance(types, Diagnostic):
        raise CannotSetUpError(types.message())
    for example in _examples(kernel):
        if _types_of(example) == types:
            return example
    missing = [p for p in list(kernel.signature.parameters.values())[len(types) :] if p.default is p.empty]
    if missing:
        raise CannotSetUpError(f"no type is given for `{missing[0].name}`")
    return kernel.normalize_args(*make_inputs(types, list(kernel.signature.parameters)[: len(types)], seed=0, device="cuda"))


def _types_of(arguments: tuple[Any, ...]) -> tuple[Type, ...]:
    return tuple(type_of_value(value, "") for value in arguments)


def _examples(kernel: Kernel) -> Iterator[tuple[Any, ...]]:
    """The argument tuples of the decorator's `inputs=`."""
    generate = getattr(kernel, "inputs", None)
    if generate is None:
        return
    examples: Any = generate()
    if isinstance(examples, Mapping):
        examples = cast("Mapping[str, tuple[Any, ...]]", examples).values()
    for example in cast("Iterable[tuple[Any, ...]]", examples):
        yield kernel.normalize_args(*example)


if __name__ == "__main__":
    serve(connection_of_arguments(sys.argv), make_subject)
