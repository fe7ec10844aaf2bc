"""A process in which Triton interprets kernels: the choice is made once a process, before Triton is imported."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

_ROOT = Path(__file__).parents[1]
_SECONDS = 120.0


class InterpreterProcess:
    """Runs checks one by one, functions that a module can be asked for; started again after a crash."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop()

    def run(self, check: Callable[..., None], *args: object) -> str | None:
        """What went wrong in `check(*args)`, None for nothing."""
        if self._process is None:
            self._start()
        assert self._connection is not None
        try:
            self._connection.send((check, args))
            if self._connection.poll(_SECONDS):
                return self._connection.recv()
            problem = f"no answer within {_SECONDS:.0f} s"
        except (EOFError, OSError) as broken:
            problem = f"the interpreter's process died: {broken!r}"
        self._stop()
        return problem

    def _start(self) -> None:
        ours, theirs = Pipe()
        paths = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, "TRITON_INTERPRET": "1", "PYTHONPATH": paths}
        environment.pop("HELION_INTERPRET", None)
        command = [sys.executable, "-m", "tests.interpreter_process", str(theirs.fileno())]
        self._process = subprocess.Popen(command, cwd=_ROOT, env=environment, pass_fds=(theirs.fileno(),))
        theirs.close()
        self._connection = ours

    def _stop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._connection = None


def serve(connection: Connection) -> None:
    """Answer each check with None or a traceback, until the other end closes."""
    while True:
        try:
            check, args = connection.recv()
            check(*args)
        except EOFError:
            return
        except Exception:
            connection.send(traceback.format_exc())
        else:
            connection.send(None)


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
