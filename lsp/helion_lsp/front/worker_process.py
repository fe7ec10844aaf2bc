"""How a worker process is started: a command in, a process that answers over two streams out; imports no torch."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Protocol

_LINE_LIMIT = 64 << 20


class WorkerProcess(Protocol):
    """One worker. `pid` leads its process group; it is None while that is not known yet."""

    pid: int | None
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def kill(self) -> None:
        """End it with everything it started; nothing happens when it has ended."""

    async def ended(self) -> None:
        """Wait until it has ended."""


Start = Callable[[], Awaitable[WorkerProcess]]


def end_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


class _Spawned:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.pid: int | None = process.pid
        self.reader = process.stdout
        self.writer = process.stdin
        self._process = process

    def kill(self) -> None:
        if self._process.returncode is None:
            end_group(self._process.pid)

    async def ended(self) -> None:
        await self._process.wait()


def spawned(command: tuple[str, ...]) -> Start:
    """Every worker is a new process, which imports what it needs."""

    async def start() -> WorkerProcess:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=_LINE_LIMIT, start_new_session=True)
        return _Spawned(process)

    return start
