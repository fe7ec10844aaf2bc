"""A kernel in a file in, the signatures of its example arguments out; a process of its own, since it runs the user's module.

Run as `python -m helion.runtime.example_signatures FD`; answers every `KernelInFile`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from helion.autotune.kernel_in_file import ExampleSignatures, KernelInFile
from helion.offline.process import connection_of_arguments
from helion.runtime.import_kernel import examples_of, import_kernel
from helion.runtime.kernel import Kernel
from helion.signatures.notation import notation_of_arguments

_META = torch.device("meta")
_KEPT = ("torch", "triton", "helion", "numpy", "sympy", "importlib")


class _OnMeta(TorchFunctionMode):
    """Every tensor is made without memory and without a GPU, whatever device was asked for: only its type is wanted."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if func in (torch.Tensor.cuda, torch.Tensor.cpu):
            return args[0]
        named = {key: _META if key == "device" else value for key, value in (kwargs or {}).items() if key != "generator"}
        return func(*(_on_meta(arg) for arg in args), **named)


def _on_meta(value: Any) -> Any:
    is_device = isinstance(value, torch.device) or (isinstance(value, str) and value.split(":")[0] in ("cuda", "cpu"))
    return _META if is_device else value


def signatures_of(kernel: Kernel) -> ExampleSignatures:
    """Without a GPU and without memory where that works; else by making the arguments."""
    try:
        with _META, _OnMeta():
            return ExampleSignatures(_listed(kernel))
    except Exception:  # noqa: BLE001 - user code that looks at values; it is run for real then
        return ExampleSignatures(_listed(kernel))


def _listed(kernel: Kernel) -> tuple[tuple[str, str], ...]:
    return tuple((name, notation_of_arguments(example)) for name, example in examples_of(kernel))


def answer(request: KernelInFile) -> ExampleSignatures:
    """Never raises: importing a user's file fails in every way there is."""
    try:
        return signatures_of(import_kernel(Path(request.path), request.qualname, request.number))
    except Exception as error:  # noqa: BLE001
        return ExampleSignatures((), f"{type(error).__name__}: {error}")


def answer_all(connection: Connection) -> None:
    """Until the connection closes. What a user's module brought in is forgotten after each: two files may have one name."""
    while True:
        try:
            request = connection.recv()
        except EOFError:
            return
        before, path = set(sys.modules), list(sys.path)
        connection.send(answer(request))
        for name in set(sys.modules) - before:
            if not name.startswith(_KEPT):
                del sys.modules[name]
        sys.path[:] = path


if __name__ == "__main__":
    answer_all(connection_of_arguments(sys.argv))
