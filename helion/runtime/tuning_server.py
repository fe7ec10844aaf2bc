"""The process that compile workers of this process's tunings are forked off: it imports once, however many kernels are tuned."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from helion.offline.fork_server import ForkServer
from helion.offline.worker import COMPILING
from helion.runtime.environment import environment_with

_OF_TRITON = ("TRITON_", "MLIR_", "LLVM_", "DISABLE_", "CUDA_", "PATH", "PYTHON")


def tuning_server() -> ForkServer:
    """Another one where the environment of Triton is another: caches and tools are where that says. It ends with its connection, that is
    when nothing refers to it any more or this process ends, in whatever way."""
    variables = tuple((name, value) for name, value in environment_with().items() if name.startswith(_OF_TRITON))
    return _server(os.getpid(), variables, Path.cwd())


@lru_cache(maxsize=1)
def _server(process: int, variables: tuple[tuple[str, str], ...], folder: Path) -> ForkServer:
    """A process that is forked off this one has another number, and so a server of its own."""
    return ForkServer(COMPILING)
