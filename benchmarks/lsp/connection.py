"""A language server's command in, a raw JSON-RPC connection out that stamps what arrives; what a server asks, it answers with null."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psutil

_PATIENCE_SECONDS = 120.0
_LARGEST_MESSAGE = 1 << 26


class Connection:
    """JSON-RPC with a server in a process of its own. `published` holds (time, parameters) of every `publishDiagnostics`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self._writer = process.stdin
        self._reader = process.stdout
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._count = 0
        self.published: asyncio.Queue[tuple[float, dict[str, Any]]] = asyncio.Queue()
        self.progress: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.states: list[str] = []
        self._task = asyncio.ensure_future(self._read())

    @staticmethod
    async def start(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Connection:
        pipe = asyncio.subprocess.PIPE
        silent = asyncio.subprocess.DEVNULL
        started = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=silent, limit=_LARGEST_MESSAGE, env=environment
        )
        return Connection(started)

    def _write(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def notify(self, method: str, params: Any) -> None:
        self._write({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> asyncio.Future[Any]:
        """A request that is not waited for."""
        self._count += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[self._count] = future
        self._write({"id": self._count, "method": method, "params": params})
        return future

    async def request(self, method: str, params: Any) -> Any:
        return await asyncio.wait_for(self.ask(method, params), _PATIENCE_SECONDS)

    async def timed(self, method: str, params: Any) -> tuple[float, Any]:
        """A request's seconds and its answer."""
        began = time.perf_counter()
        answer = await self.request(method, params)
        return time.perf_counter() - began, answer

    async def _read(self) -> None:
        while True:
            length = 0
            while (line := await self._reader.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            if not line:
                return
            self._received(json.loads(await self._reader.readexactly(length)))

    def _received(self, message: dict[str, Any]) -> None:
        match message.get("method"):
            case None:
                self._waiting.pop(message["id"]).set_result(message.get("result"))
            case "textDocument/publishDiagnostics":
                self.published.put_nowait((time.perf_counter(), message["params"]))
            case "$/progress":
                self.progress.put_nowait(message["params"])
            case "helion/status":
                self.states.append(message["params"]["state"])
            case "workspace/configuration":
                self._write({"id": message["id"], "result": [None for _ in message["params"]["items"]]})
            case _:
                if "id" in message:
                    self._write({"id": message["id"], "result": None})

    # -- a client's life ---------------------------------------------------------------------------------------------

    async def initialize(self, root: str, options: dict[str, Any], capabilities: dict[str, Any]) -> None:
        folders = [{"uri": root, "name": "root"}]
        params = {"processId": None, "rootUri": root, "workspaceFolders": folders, "initializationOptions": options}
        await self.request("initialize", {**params, "capabilities": capabilities})
        self.notify("initialized", {})

    def open(self, uri: str, text: str) -> None:
        self.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": text}})

    def close(self, uri: str) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def change(self, uri: str, version: int, change: dict[str, Any]) -> None:
        self.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]})

    async def until_published(self, holds: Callable[[dict[str, Any]], bool]) -> float:
        """When diagnostics arrived for which `holds` is true; those before are dropped."""
        while True:
            when, params = await asyncio.wait_for(self.published.get(), _PATIENCE_SECONDS)
            if holds(params):
                return when

    async def until_progress(self) -> int | str:
        """The token of the work that begins next, once some of it is done."""
        token: int | str | None = None
        while True:
            params = await asyncio.wait_for(self.progress.get(), _PATIENCE_SECONDS)
            if params["value"]["kind"] == "begin":
                token = params["token"]
            if token is not None and params["token"] == token and params["value"].get("percentage", 0) > 0:
                return token

    async def until_state(self, state: str) -> None:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while state not in self.states:
                await asyncio.sleep(0.001)

    def processes(self) -> list[psutil.Process]:
        """The server's process and all that it started."""
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    def memory_mb(self) -> dict[str, float]:
        """Of all processes: resident pages, and the same with shared pages counted in shares."""
        found = [process.memory_full_info() for process in self.processes()]
        return {"rss": round(sum(i.rss for i in found) / 2**20, 1), "pss": round(sum(i.pss for i in found) / 2**20, 1)}

    async def end(self) -> None:
        await self.request("shutdown", None)
        self.notify("exit", None)
        try:
            await asyncio.wait_for(self.process.wait(), 10)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        await self._task
