"""The front's end of the worker: starts it, sends requests, matches answers, restarts it when it dies or is stuck; imports no torch."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

_DEADLINE_SECONDS = 20.0
_MAX_CRASHES = 3
_LINE_LIMIT = 64 << 20


class WorkerUnavailable(Exception):
    """The worker died, is stuck or keeps crashing on this request."""


class WorkerClient:
    """One worker process at a time. `on_state` hears "warming", "ready", "restarting" and "broken"."""

    def __init__(self, command: tuple[str, ...] | None = None, on_state: Callable[[str, str], None] = lambda state, message: None) -> None:
        self._command = command or (sys.executable, "-m", "helion_lsp.worker")
        self._on_state = on_state
        self._process: asyncio.subprocess.Process | None = None
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._ids = itertools.count()
        self._ready = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._crashes: dict[str, int] = {}

    @property
    def is_ready(self) -> bool:
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start the process; it is ready some seconds later."""
        self._on_state("warming", "loading torch and the compiler")
        self._ready.clear()
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LINE_LIMIT, start_new_session=True
        )
        self._reader = asyncio.create_task(self._read(self._process))

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            message = json.loads(line)
            if message.get("ready"):
                self._ready.set()
                self._on_state("ready", "")
                continue
            future = self._pending.pop(message["id"], None)
            if future is not None and not future.done():
                if "error" in message:
                    future.set_exception(WorkerUnavailable(message["error"]))
                else:
                    future.set_result(message["result"])
        if process is self._process:
            await self._died()

    async def _died(self) -> None:
        """Fail what waits, and start again."""
        pending, self._pending = self._pending, {}
        for future in pending.values():
            if not future.done():
                future.set_exception(WorkerUnavailable("the worker died"))
        self._on_state("restarting", "the analysis process ended and is started again")
        await self.start()

    async def request(self, method: str, path: str, text: str, params: dict[str, Any] | None = None) -> Any:
        """The answer to one request. Raises WorkerUnavailable; a text that crashed the worker three times is not sent again."""
        key = f"{method}\0{path}\0{hash(text)}"
        if self._crashes.get(key, 0) >= _MAX_CRASHES:
            raise WorkerUnavailable("this text crashed the analysis three times and is left alone until it changes")
        await asyncio.wait_for(self._ready.wait(), _DEADLINE_SECONDS * 3)
        process = self._process
        assert process is not None
        assert process.stdin is not None
        number = next(self._ids)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[number] = future
        data = {"id": number, "method": method, "path": path, "text": text, "params": params or {}}
        try:
            process.stdin.write((json.dumps(data) + "\n").encode())
            await process.stdin.drain()
            return await asyncio.wait_for(future, _DEADLINE_SECONDS)
        except TimeoutError:
            self._crashes[key] = self._crashes.get(key, 0) + 1
            self.kill()
            raise WorkerUnavailable("the analysis took too long") from None
        except (WorkerUnavailable, ConnectionError) as problem:
            if process.returncode is not None or isinstance(problem, ConnectionError) or str(problem) == "the worker died":
                self._crashes[key] = self._crashes.get(key, 0) + 1
            raise WorkerUnavailable(str(problem)) from problem

    def kill(self) -> None:
        """End the process with everything it started; it is started again when its end is seen."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def close(self) -> None:
        """End the process for good."""
        process, self._process = self._process, None
        if self._reader is not None:
            self._reader.cancel()
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
