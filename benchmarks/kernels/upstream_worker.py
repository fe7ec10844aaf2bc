"""Runs a kernel of the examples with another `helion`, when the process at the other end of the pipe asks; imports nothing of ours.

python -m benchmarks.kernels.upstream_worker PIPE SITE

It is started by `benchmarks.kernels.upstream` in a folder with nothing but links to `benchmarks` and `examples`, so that `import helion`
can only find what SITE holds. Messages are dicts; an answer has `problem`, a line, where something failed.
"""

from __future__ import annotations

import importlib.util
import sys
import time
import types
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch

from benchmarks.kernels.cold_timer import ColdTimer
from benchmarks.kernels.measurement import first_of, last_line

# What the examples' `main` checks and prints with, which no kernel reads: a release that lacks it can still run the kernels.
_HELPERS = "helion.testing"


class Helpers(types.ModuleType):
    """Stands for that module: whatever is imported from it is nothing."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


class Worker:
    """Keeps the kernel that was prepared last with its arguments."""

    def __init__(self, site: Path) -> None:
        self._site = site
        self._call: Callable[[], Any] | None = None
        self._timer: ColdTimer | None = None

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        actions = {"prepare": self._prepare, "measure": self._measure}
        try:
            return actions[message.pop("action")](**message)
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is the result
            return {"problem": last_line(problem)}

    def _prepare(self, module: str, kernel: str, arguments: str, result: str) -> dict[str, Any]:
        """Run the kernel once, with the arguments of one file; the first tensor of what it returns goes to another."""
        self._call = None
        self._require_site()
        started = time.perf_counter()
        if _HELPERS not in sys.modules and importlib.util.find_spec(_HELPERS) is None:
            sys.modules[_HELPERS] = Helpers(_HELPERS)
        function = getattr(importlib.import_module(module), kernel)
        args = torch.load(arguments, weights_only=False)
        call: Callable[[], Any] = partial(function, *args)
        found = call()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        torch.save(first_of(found), result)
        self._call = call
        return {"seconds": time.perf_counter() - started}

    def _require_site(self) -> None:
        package: Any = importlib.import_module("helion")
        if not Path(package.__file__).resolve().is_relative_to(self._site):
            raise ImportError(f"`helion` comes from {package.__file__}, not from {self._site}")

    def _measure(self) -> dict[str, Any]:
        if self._call is None:
            raise RuntimeError("nothing was prepared")
        if self._timer is None:
            self._timer = ColdTimer()
        return {"microseconds": self._timer.microseconds(self._call)}


def main() -> None:
    worker, connection = Worker(Path(sys.argv[2]).resolve()), Connection(int(sys.argv[1]))
    while True:
        try:
            message = connection.recv()
        except EOFError:
            return
        connection.send(worker.answer(message))


if __name__ == "__main__":
    main()
