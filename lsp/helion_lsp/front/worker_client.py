"""The front's end of a worker: starts it, sends requests, matches answers, restarts it when it dies or is stuck; imports no torch."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from helion.types.untyped import is_dict
from helion_lsp.front.worker_process import Start, WorkerProcess

WORKER_COMMAND = (sys.executable, "-P", "-m", "helion_lsp.worker.serve")
_START_SECONDS = 120.0
_MAX_CRASHES = 3
_NO_START = "the analysis process cannot be started"


def _message(line: bytes) -> dict[str, Any] | None:
    """None for what a sound worker never says: then it is started anew."""
    try:
        message: Any = json.loads(line)
    except ValueError:
        return None
    if not is_dict(message):
        return None
    is_first = message.get("ready") is True or isinstance(message.get("failed"), str)
    return message if is_first or ("id" in message and message.keys() & {"checking", "result", "error"}) else None


class WorkerUnavailable(Exception):
    """The worker died, is stuck, or cannot be started."""


class WorkerClient:
    """One worker process at a time. `on_state` hears "warming", "ready", "restarting" and "broken"; `deadline` is in seconds a request.
    `texts` gives what every request carries besides: the texts of other documents that the disk does not have.

    `-P` keeps the workspace's folder out of the worker's import path: a user's `torch.py` is never run.
    """

    def __init__(
        self,
        start: Start,
        on_state: Callable[[str, str], None] = lambda state, message: None,
        deadline: float = 20.0,
        texts: Callable[[str], Mapping[str, str]] = lambda path: {},
    ) -> None:
        self._start = start
        self._on_state = on_state
        self._deadline = deadline
        self._texts = texts
        self._process: WorkerProcess | None = None
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._checking: dict[int, str] = {}
        self._crashes: Counter[str] = Counter()
        self._failed_starts = 0
        self._failure = ""
        self._has_been_ready = False
        self._is_started = False
        self._ids = itertools.count()
        self._ready = asyncio.Event()
        self._settled = asyncio.Event()  # ready, or given up
        self._starting = asyncio.Lock()
        self._reader: asyncio.Task[None] | None = None
        self.has_gpu: bool | None = None  # not known before it has been ready

    @property
    def is_ready(self) -> bool:
        return self._ready.is_set()

    @property
    def is_started(self) -> bool:
        """Whether it has been asked to start, and not to close."""
        return self._is_started

    @property
    def has_given_up(self) -> bool:
        """Whether it could not be started, and is not tried again unasked."""
        return bool(self._failure) or self._failed_starts >= _MAX_CRASHES

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    @property
    def quarantined(self) -> list[str]:
        """Keys of kernels that were being checked when the worker died, three times."""
        return [key for key, count in self._crashes.items() if count >= _MAX_CRASHES]

    async def start(self) -> None:
        """Start the process; it is ready some seconds later. One that was closed meanwhile is ended at once."""
        self._is_started = True
        self._on_state("warming", "loading torch and the compiler")
        self._ready.clear()
        self._settled.clear()
        self._has_been_ready = False
        async with self._starting:
            process = await self._start()
            if self._is_started:
                self._process = process
                self._reader = asyncio.create_task(self._read(process))
            else:
                process.kill()
                await process.ended()

    async def _read(self, process: WorkerProcess) -> None:
        try:
            while line := await process.reader.readline():
                message = _message(line)
                if message is None:
                    break
                self._received(process, message)
        except ConnectionError:
            pass  # of a worker that was killed
        if process is self._process:
            process.kill()
            await process.ended()
            await self._died()

    def _received(self, process: WorkerProcess, message: dict[str, Any]) -> None:
        if message.get("ready"):
            process.pid = message.get("pid", process.pid)
            self._failed_starts = 0
            self._has_been_ready = True
            self.has_gpu = bool(message.get("has_gpu"))
            self._ready.set()
            self._settled.set()
            self._on_state("ready", "")
        elif "failed" in message:
            self._failure = message["failed"]  # the next try would say the same
        elif "checking" in message:
            self._checking[message["id"]] = message["checking"]
        else:
            self._checking.pop(message["id"], None)
            future = self._pending.pop(message["id"], None)
            if future is None or future.done():
                return
            if "error" in message:
                future.set_exception(WorkerUnavailable(message["error"]))
            else:
                future.set_result(message["result"])

    async def _died(self) -> None:
        """Fail what waits, remember what it was about, and start again."""
        self._crashes.update(self._checking.values())
        self._checking.clear()
        pending, self._pending = self._pending, {}
        self._ready.clear()
        self._failed_starts += not self._has_been_ready
        for future in pending.values():
            if not future.done():
                future.set_exception(WorkerUnavailable("the analysis process ended"))
        if self.has_given_up:
            self._settled.set()
            self._on_state("broken", f"only syntax is checked: {self._failure or f'{_NO_START}; see the log of the server'}")
            return
        self._on_state("restarting", "the analysis process ended and is started again")
        await self.start()

    async def request(self, method: str, path: str, text: str, params: dict[str, Any] | None = None) -> Any:
        """The answer to one request. Raises WorkerUnavailable; a request past its deadline ends the process."""
        await self.until_ready()
        process = self._process
        if process is None:
            raise WorkerUnavailable("the server is shutting down")
        number = next(self._ids)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[number] = future
        data = {"id": number, "method": method, "path": path, "text": text, "params": {"texts": self._texts(path), **(params or {})}}
        try:
            process.writer.write((json.dumps(data) + "\n").encode())
            await process.writer.drain()
            return await asyncio.wait_for(future, self._deadline)
        except TimeoutError:
            self.kill()
            raise WorkerUnavailable("the analysis took too long") from None
        except ConnectionError:
            raise WorkerUnavailable("the analysis process ended") from None
        finally:
            self._pending.pop(number, None)

    async def until_ready(self) -> None:
        """Without giving way to anything else where it is: what it is asked for goes out at once."""
        if self._ready.is_set():
            return
        if not self._is_started:
            raise WorkerUnavailable("the analysis process is not running")
        try:
            await asyncio.wait_for(self._settled.wait(), _START_SECONDS)
        except TimeoutError:
            raise WorkerUnavailable("the analysis process did not start in time") from None
        if self.has_given_up:
            raise WorkerUnavailable(self._failure or _NO_START)

    def kill(self) -> None:
        """End the process with everything it started; it is started again when its end is seen, and requests wait for that."""
        self._ready.clear()
        self._settled.clear()
        if self._process is not None:
            self._process.kill()

    def give_up(self) -> None:
        """`kill` it over what nobody waits for any more, which is not held against the kernel that it is at."""
        self._checking.clear()
        self.kill()

    async def restart(self) -> None:
        """Start anew on the user's wish, also after giving up."""
        gave_up = self.has_given_up
        self._crashes.clear()
        self._failed_starts = 0
        self._failure = ""
        if gave_up:
            await self.start()
        else:
            self.kill()

    async def close(self) -> None:
        """End the process for good, also one that is being started: nobody would know of it."""
        self._is_started = False
        async with self._starting:
            process, self._process = self._process, None
        if self._reader is not None:
            self._reader.cancel()
        if process is not None:
            process.kill()
            await process.ended()
