"""A command in, a killable child process with deadlines that answers messages out; knows nothing of what the messages mean.

The child and everything it starts form one process group, which dies with the child's deadline, with `close`, and with this
process even if that is killed: a watchdog shell reads the group's number from a pipe and kills the group when the pipe ends. The
child itself writes the number before it becomes what it is to run, so that there is no moment in which nobody would end it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from types import MappingProxyType
from typing import Any, Self

_REAP_SECONDS = 5.0
_STDERR_TAIL = 4000
_WATCHDOG = ("/bin/sh", "-c", 'read group || exit; read _; kill -s KILL -- "-$group" 2>/dev/null', "helion-watchdog")
_WATCHED = ("/bin/sh", "-c", 'echo $$ >&0; exec "$@" </dev/null', "helion-watched")


@dataclass(frozen=True)
class ProcessFailure:
    """Why there is no answer: `kind` is "timeout" or "crash"; `message` ends with the last words on the child's stderr."""

    kind: str
    message: str


def python_command(module: str, *arguments: str, variables: Mapping[str, str] = MappingProxyType({})) -> tuple[str, ...]:
    """`python -m module ...` by this interpreter, with Triton's interpreter off whatever this process's environment says, and with
    `variables` in its environment."""
    given = (f"{name}={value}" for name, value in variables.items())
    return ("/usr/bin/env", "-u", "TRITON_INTERPRET", *given, sys.executable, "-m", module, *arguments)


class WorkerProcess:
    """One child. It is started on the first message and again after a failure; one message is in flight at a time."""

    def __init__(self, command: Sequence[str]) -> None:
        """`command` gets the number of its connection's file descriptor as one more argument."""
        self._command = tuple(command)
        self._child: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._stderr: Any = None
        self.deadline: float | None = None
        self.starts = 0

    @property
    def is_running(self) -> bool:
        return self._child is not None

    @property
    def is_busy(self) -> bool:
        return self.deadline is not None

    @property
    def connection(self) -> Connection:
        """To wait on with `multiprocessing.connection.wait`, while a message is in flight."""
        assert self._connection is not None
        return self._connection

    def send(self, message: object, seconds: float) -> None:
        """Put one message in flight; its answer must come within `seconds`."""
        assert not self.is_busy
        if self._child is None:
            self._start()
        self.deadline = time.monotonic() + seconds
        with contextlib.suppress(OSError):  # a child that died while idle is reported by `receive`
            self.connection.send(message)

    def receive(self) -> Any:
        """The answer, waiting until the deadline at most; a `ProcessFailure` when that passes or the child is gone."""
        assert self.deadline is not None
        remaining = max(0.0, self.deadline - time.monotonic())
        try:
            if self.connection.poll(remaining):
                answer = self.connection.recv()
                self.deadline = None
                return answer
        except (EOFError, OSError):
            return self._fail("crash", "the process ended" + self._exit_status())
        return self._fail("timeout", "no answer before the deadline")

    def request(self, message: object, seconds: float) -> Any:
        """`send` and `receive`."""
        self.send(message, seconds)
        return self.receive()

    def close(self) -> None:
        """Kill the group, at once; idempotent."""
        self.deadline = None
        child, self._child = self._child, None
        if child is not None:
            _kill_group(child)
        watchdog, self._watchdog = self._watchdog, None
        if watchdog is not None:
            watchdog.kill()
            watchdog.wait()
            assert watchdog.stdin is not None
            watchdog.stdin.close()
        for resource in (self._connection, self._stderr):
            if resource is not None:
                resource.close()
        self._connection = self._stderr = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        ours, theirs = Pipe()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._watchdog = subprocess.Popen(_WATCHDOG, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        with theirs:
            self._child = subprocess.Popen(
                [*_WATCHED, *self._command, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=self._watchdog.stdin,
                stdout=self._stderr,
                stderr=self._stderr,
                start_new_session=True,
            )
        self._connection = ours
        self.starts += 1

    def _fail(self, kind: str, message: str) -> ProcessFailure:
        words = self._last_words()
        self.close()
        return ProcessFailure(kind, f"{message}\n{words}".strip())

    def _exit_status(self) -> str:
        assert self._child is not None
        try:
            code = self._child.wait(_REAP_SECONDS)
        except subprocess.TimeoutExpired:
            return ""
        return f" by {signal.Signals(-code).name}" if code < 0 else f" with status {code}"

    def _last_words(self) -> str:
        size = os.fstat(self._stderr.fileno()).st_size
        data = os.pread(self._stderr.fileno(), _STDERR_TAIL, max(0, size - _STDERR_TAIL))
        return data.decode(errors="replace").strip()


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):  # a driver call that cannot be interrupted; the signal stays pending
        child.wait(_REAP_SECONDS)


def connection_of_arguments(arguments: Sequence[str]) -> Connection:
    """In the child: the connection whose file descriptor is the last argument. What the child prints ends in failure messages."""
    return Connection(int(arguments[-1]))
