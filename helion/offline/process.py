"""A way to start a child in, a killable process with deadlines that answers messages out; knows nothing of what the messages mean.

The child and everything it starts form one process group, which dies with the child's deadline, with `close`, and with this
process even if that is killed. One that is started from a command has a watchdog for that: a shell that reads the group's number
from a pipe and kills the group when the pipe ends. The child itself writes the number before it becomes what it is to run, so that
there is no moment in which nobody would end it. `helion.offline.fork_server` has the other way.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from types import MappingProxyType
from typing import Any, Protocol, Self

REAP_SECONDS = 5.0
_STDERR_TAIL = 4000
_WATCHDOG = ("/bin/sh", "-c", 'read group || exit; read _; kill -s KILL -- "-$group" 2>/dev/null', "helion-watchdog")
# One that has children in other groups ends those when it is left alone; before it has any, the first signal ends it. It may stay a
# zombie for as long as whoever inherits it likes.
_PATIENT_WATCHDOG = (
    "/bin/sh",
    "-c",
    'read group || exit; read _; kill -s TERM -- "-$group" 2>/dev/null; tries=100; '
    'while [ "$tries" -gt 0 ] && { read -r state <"/proc/$group/stat"; } 2>/dev/null; do '
    'case "${state##*) }" in Z*) break ;; esac; sleep 0.02; tries=$((tries - 1)); done; '
    'kill -s KILL -- "-$group" 2>/dev/null',
    "helion-watchdog",
)
_WATCHED = ("/bin/sh", "-c", 'echo $$ >&0; exec "$@" </dev/null', "helion-watched")


class Child(Protocol):
    """A process that leads a group."""

    def end(self) -> None:
        """Kill the group, at once; idempotent."""
        ...

    def exit_code(self, seconds: float) -> int | None:
        """Of a process that ends by itself: negative for a signal, None when that is not known in time."""
        ...


# Takes the file descriptors of the child's connection and of what is to hold what it prints.
StartChild = Callable[[int, int], Child]


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

    def __init__(self, start: Sequence[str] | StartChild) -> None:
        """`start` is a command, which gets the number of its connection's file descriptor as one more argument, or another way."""
        self._start_child = start if callable(start) else spawning(start)
        self._child: Child | None = None
        self._connection: Connection | None = None
        self._output: Any = None
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
            child.end()
        for resource in (self._connection, self._output):
            if resource is not None:
                resource.close()
        self._connection = self._output = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        ours, theirs = Pipe()
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        with theirs:
            self._child = self._start_child(theirs.fileno(), self._output.fileno())
        self._connection = ours
        self.starts += 1

    def _fail(self, kind: str, message: str) -> ProcessFailure:
        words = self._last_words()
        self.close()
        return ProcessFailure(kind, f"{message}\n{words}".strip())

    def _exit_status(self) -> str:
        assert self._child is not None
        code = self._child.exit_code(REAP_SECONDS)
        if code is None:
            return ""
        return f" by {signal.Signals(-code).name}" if code < 0 else f" with status {code}"

    def _last_words(self) -> str:
        size = os.fstat(self._output.fileno()).st_size
        data = os.pread(self._output.fileno(), _STDERR_TAIL, max(0, size - _STDERR_TAIL))
        return data.decode(errors="replace").strip()


def spawning(command: Sequence[str], *, has_groups: bool = False) -> StartChild:
    """Children that run a command. One that `has_groups`, of children of its own, has SIGTERM and two seconds to end them when this
    process dies."""

    def start(connection: int, output: int) -> Child:
        watch = _PATIENT_WATCHDOG if has_groups else _WATCHDOG
        watchdog = subprocess.Popen(watch, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        child = subprocess.Popen(
            [*_WATCHED, *command, str(connection)],
            pass_fds=(connection,),
            stdin=watchdog.stdin,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        return _SpawnedChild(child, watchdog)

    return start


@dataclass(frozen=True)
class _SpawnedChild:
    child: subprocess.Popen[bytes]
    watchdog: subprocess.Popen[bytes]

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):  # a driver call that cannot be interrupted; the signal stays pending
            self.child.wait(REAP_SECONDS)
        self.watchdog.kill()
        self.watchdog.wait()
        assert self.watchdog.stdin is not None
        self.watchdog.stdin.close()

    def exit_code(self, seconds: float) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.child.wait(seconds)
        return None


def connection_of_arguments(arguments: Sequence[str]) -> Connection:
    """In the child: the connection whose file descriptor is the last argument. What the child prints ends in failure messages."""
    return Connection(int(arguments[-1]))
