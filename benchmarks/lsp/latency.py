"""Latencies of the language server over a raw connection: warm hovers, keystroke to diagnostics, and the front while the worker starts.

python benchmarks/lsp/latency.py [--output benchmarks/results/lsp_latency.json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typing_and_places import GOALS_MS as REQUEST_GOALS_MS
from typing_and_places import completion_while_typing, request_times

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
HOVERS = 200
EDITS = 60
GOALS_MS = {
    "hover_p50": 1.0,
    "hover_p95": 3.0,
    "keystroke_to_diagnostics_p50": 50.0,
    "front_while_worker_imports_max": 20.0,
    **REQUEST_GOALS_MS,
}


class Connection:
    """JSON-RPC with a server of its own process; answers and notifications are stamped on arrival."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self._writer = process.stdin
        self._reader = process.stdout
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._count = 0
        self.diagnostics: asyncio.Queue[tuple[float, dict[str, Any]]] = asyncio.Queue()
        self.states: list[str] = []
        self._task = asyncio.ensure_future(self._read())

    @staticmethod
    async def start() -> Connection:
        command = (sys.executable, "-m", "helion_lsp")
        pipe = asyncio.subprocess.PIPE
        return Connection(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=1 << 26))

    def _write(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def notify(self, method: str, params: Any) -> None:
        self._write({"method": method, "params": params})

    async def request(self, method: str, params: Any) -> Any:
        self._count += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[self._count] = future
        self._write({"id": self._count, "method": method, "params": params})
        return await asyncio.wait_for(future, 60)

    async def _read(self) -> None:
        while True:
            length = 0
            while (line := await self._reader.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            if not line:
                return
            message = json.loads(await self._reader.readexactly(length))
            self._received(message)

    def _received(self, message: dict[str, Any]) -> None:
        match message.get("method"):
            case "textDocument/publishDiagnostics":
                self.diagnostics.put_nowait((time.perf_counter(), message["params"]))
            case "helion/status":
                self.states.append(message["params"]["state"])
            case None:
                self._waiting.pop(message["id"]).set_result(message.get("result"))
            case _:
                pass

    async def ready(self) -> None:
        while "ready" not in self.states:
            await asyncio.sleep(0.005)

    async def until_diagnostics(self, version: int, holds: Any) -> float:
        while True:
            when, params = await asyncio.wait_for(self.diagnostics.get(), 60)
            if params.get("version") == version and holds(params["diagnostics"]):
                return when


def position(text: str, words: str) -> dict[str, int]:
    offset = text.index(words)
    return {"line": text.count("\n", 0, offset), "character": offset - text.rfind("\n", 0, offset) - 1}


def milliseconds(times: list[float]) -> dict[str, float]:
    ordered = sorted(t * 1000 for t in times)
    p95 = ordered[max(0, round(0.95 * len(ordered)) - 1)]
    return {"p50": round(statistics.median(ordered), 3), "p95": round(p95, 3), "max": round(ordered[-1], 3)}


async def while_worker_imports(connection: Connection, uri: str) -> list[float]:
    """How long the front takes for a request that needs no worker, over and over until the worker is ready."""
    times: list[float] = []
    hover = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
    while "ready" not in connection.states:
        began = time.perf_counter()
        await connection.request("textDocument/hover", hover)
        times.append(time.perf_counter() - began)
        await asyncio.sleep(0.01)
    return times


async def warm_hovers(connection: Connection, uri: str, text: str) -> list[float]:
    where = [position(text, words) for words in ("acc = ", "tile_m, tile_n in", "x[tile_m", "out = ")]
    times: list[float] = []
    for count in range(HOVERS):
        began = time.perf_counter()
        found = await connection.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": where[count % len(where)]})
        times.append(time.perf_counter() - began)
        assert found is not None
    return times


async def keystrokes(connection: Connection, uri: str, text: str, line_after: str) -> list[float]:
    """Type a line with an undefined name, a new one each time, into the kernel; wait for the diagnostic that names it."""
    start = position(text, line_after)
    indent = " " * start["character"]
    place = {"line": start["line"], "character": 0}
    version, times, typed = 1, [], ""
    for count in range(EDITS):
        version += 1
        name = f"unknown_{count}"
        new = f"{indent}value = {name}\n" if not typed else name
        column = len(indent) + len("value = ")
        old = {"line": place["line"], "character": column}
        end = {"line": place["line"], "character": column + len(typed)}
        change = {"range": {"start": old, "end": end} if typed else {"start": place, "end": place}, "text": new}
        began = time.perf_counter()
        connection.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]})
        arrived = await connection.until_diagnostics(version, lambda found, name=name: any(name in d["message"] for d in found))
        times.append(arrived - began)
        typed = name
    return times


async def large_file(connection: Connection) -> dict[str, Any]:
    """Forty kernels in two thousand lines."""
    text = (EXAMPLES / "matmul.py").read_text(encoding="utf-8")
    kernel = text[text.index("@helion.kernel") : text.index("@helion.kernel", text.index("@helion.kernel") + 1)]
    filler = "".join(f"# {'-' * 60} {n}\n" for n in range(30))
    text = text + "".join(kernel.replace("def matmul", f"def matmul_{n}") + filler for n in range(37))
    uri = (EXAMPLES / "not_saved_large.py").as_uri()
    connection.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": text}})
    while True:
        _, params = await asyncio.wait_for(connection.diagnostics.get(), 120)
        if params["uri"] == uri:
            break
    await asyncio.sleep(5.0)
    found: dict[str, Any] = {"lines": text.count("\n")}
    found |= {name: milliseconds(times) for name, times in (await request_times(connection, uri, text)).items()}
    found["key_to_completions"] = milliseconds(await completion_while_typing(connection, uri, text, 1))
    connection.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    return found


async def measure() -> dict[str, Any]:
    results: dict[str, Any] = {}
    began = time.perf_counter()
    connection = await Connection.start()
    await connection.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    results["spawn_to_initialize_ms"] = round((time.perf_counter() - began) * 1000, 1)
    path = EXAMPLES / "matmul.py"
    text, uri = path.read_text(encoding="utf-8"), path.as_uri()
    connection.notify("initialized", {})
    connection.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": text}})
    first, *others = await while_worker_imports(connection, uri)
    results["front_first_request_ms"] = round(first * 1000, 3)
    results["front_while_worker_imports_ms"] = milliseconds(others)
    results["spawn_to_ready_ms"] = round((time.perf_counter() - began) * 1000, 1)
    await connection.until_diagnostics(1, lambda found: True)
    await asyncio.sleep(0.5)
    results["hover_ms"] = milliseconds(await warm_hovers(connection, uri, text))
    results["requests_ms"] = {name: milliseconds(times) for name, times in (await request_times(connection, uri, text)).items()}
    results["large_file_ms"] = await large_file(connection)
    results["keystroke_to_diagnostics_ms"] = {"matmul": milliseconds(await keystrokes(connection, uri, text, "out[tile_m, tile_n] = acc"))}
    path = EXAMPLES / "attention.py"
    text, uri = path.read_text(encoding="utf-8"), path.as_uri()
    connection.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": text}})
    await connection.until_diagnostics(1, lambda found: True)
    await asyncio.sleep(0.5)
    found = milliseconds(await keystrokes(connection, uri, text, "out[tile_b"))
    results["keystroke_to_diagnostics_ms"]["attention"] = found
    status = Path(f"/proc/{connection.process.pid}/status")
    if status.exists():
        kilobytes = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        results["front_rss_mb"] = round(kilobytes / 1024, 1)
    await connection.request("shutdown", None)
    connection.notify("exit", None)
    await connection.process.wait()
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "lsp_latency.json")
    output: Path = parser.parse_args().output
    results = {
        "command": "python benchmarks/lsp/latency.py",
        "date": datetime.now(tz=UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "goals_ms": GOALS_MS,
        **asyncio.run(measure()),
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
