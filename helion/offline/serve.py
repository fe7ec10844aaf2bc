"""The compiling child of `helion.offline.worker`: requests from a connection in, results to it out, until it closes."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence

from helion.offline.artifact import Artifact, CompileFailure
from helion.offline.process import connection_of_arguments
from helion.offline.worker import CompileRequest


def prepare() -> None:
    """Before children are forked that run `main`."""
    if _has_triton():
        importlib.import_module("helion.offline.compile").prepare()


def main(arguments: Sequence[str]) -> None:
    connection = connection_of_arguments(arguments)
    while True:
        try:
            request = connection.recv()
        except EOFError:
            return
        connection.send(_answer(request))


def _answer(request: CompileRequest) -> Artifact | CompileFailure:
    if not _has_triton():
        return CompileFailure("unavailable", "triton is not installed here, so nothing can be compiled to machine code")
    compile_module = importlib.import_module("helion.offline.compile").compile_module
    return compile_module(request.module, request.target)


def _has_triton() -> bool:
    return importlib.util.find_spec("triton") is not None


if __name__ == "__main__":
    main(sys.argv[1:])
