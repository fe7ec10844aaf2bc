"""The front's end of the zygote: workers that are forked off one process which has imported torch once; imports no torch.

A worker that died is replaced in milliseconds, and what torch takes of memory is shared. Linux only: elsewhere a process that has loaded
torch cannot be forked safely, or not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys

from helion_lsp.front.worker_process import WorkerProcess, end_group

ZYGOTE_COMMAND = (sys.executable, "-P", "-m", "helion_lsp.worker.zygote")
_LINE_LIMIT = 64 << 20
_STANDARD_ERROR = 2
_TICK_SECONDS = 0.001


class _Forked:
    """The worker itself says its `pid` when it is ready; killing it before that ends the zygote."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, zygote: asyncio.subprocess.Process) -> None:
        self.pid: int | None = None
        self.reader = reader
        self.writer = writer
        self._zygote = zygote

    def kill(self) -> None:
        if self.pid is not None:
            end_group(self.pid)
        elif self._zygote.returncode is None:
            end_group(self._zygote.pid)

    async def ended(self) -> None:
        """It is nobody's child here: its number is asked for until nobody has it."""
        self.writer.close()
        while self.pid is not None and _is_alive(self.pid):
            await asyncio.sleep(_TICK_SECONDS)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def can_fork() -> bool:
    return sys.platform == "linux"


class Zygote:
    """Started with the first worker, and again when it has died. `start` returns at once; the worker is ready when the zygote is."""

    def __init__(self, command: tuple[str, ...] = ZYGOTE_COMMAND) -> None:
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> WorkerProcess:
        ours, theirs = socket.socketpair()
        with theirs:
            async with self._starting:  # two workers that start at once share one zygote
                process = await self._send(theirs)
        ours.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=ours, limit=_LINE_LIMIT)
        return _Forked(reader, writer, process)

    async def _send(self, connection: socket.socket) -> asyncio.subprocess.Process:
        """Ask for a worker on a connection; a zygote that has died is noticed here, and replaced."""
        process, control = self._process, self._control
        if process is not None and control is not None and process.returncode is None:
            with contextlib.suppress(OSError):
                socket.send_fds(control, [b"fork"], [connection.fileno()])
                return process
        process, control = await self._start_zygote()
        socket.send_fds(control, [b"fork"], [connection.fileno()])
        return process

    async def _start_zygote(self) -> tuple[asyncio.subprocess.Process, socket.socket]:
        if self._control is not None:
            self._control.close()
        control, theirs = socket.socketpair()
        with theirs:
            command = (*self._command, str(theirs.fileno()))
            nothing = asyncio.subprocess.DEVNULL
            process = await asyncio.create_subprocess_exec(
                *command, stdin=nothing, stdout=_STANDARD_ERROR, pass_fds=(theirs.fileno(),), start_new_session=True
            )
        self._process, self._control = process, control
        return process, control

    async def close(self) -> None:
        """End it for good; its workers are ended by their clients."""
        process, self._process = self._process, None
        if self._control is not None:
            self._control.close()
            self._control = None
        if process is not None and process.returncode is None:
            end_group(process.pid)
            await process.wait()
