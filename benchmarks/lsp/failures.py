"""A connection to our server in, how it takes what goes wrong out: a cancelled tuning, a killed worker, a busy one."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Any

import psutil

from benchmarks.lsp.connection import Connection
from benchmarks.lsp.editing import OpenDocument
from benchmarks.lsp.places import place_of


async def cancelled_tuning(connection: Connection, uri: str, kernel: str, rounds: int) -> list[float]:
    """Seconds from cancelling a tuning that has been at work for a while until no process that it started is left."""
    times: list[float] = []
    for _ in range(rounds):
        before = {process.pid for process in connection.processes()}
        arguments = [uri, kernel, {"args": "bf16[4096,4096], bf16[4096,4096]", "target": "sm_90", "budget": 60}]
        command = {"command": "helion.tuneAndLock", "arguments": arguments}
        answer = connection.ask("workspace/executeCommand", command)
        token = await connection.until_progress()
        started = [process for process in connection.processes() if process.pid not in before]
        assert started, "the tuning runs in processes of its own"
        began = time.perf_counter()
        connection.notify("window/workDoneProgress/cancel", {"token": token})
        while any(_is_alive(process) for process in started):
            await asyncio.sleep(0.001)
        times.append(time.perf_counter() - began)
        await asyncio.wait_for(answer, 60)
    return times


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def killed_worker(document: OpenDocument, before: str, words: str, rounds: int) -> dict[str, list[float]]:
    """Seconds from killing the workers until the next hover has answered, and until a diagnostic speaks of an edit made since."""
    found: dict[str, list[float]] = {"next_hover": [], "fresh_analysis": []}
    connection = document.connection
    hover = {**document.identity, "position": place_of(document.text, words)}
    for count in range(rounds):
        # Not in a row: a worker that dies three times on one kernel has that kernel set aside, as it should be.
        with document.inserted_line(before) as put:
            put(f"value = {count}")
            await asyncio.sleep(1.0)
            workers = [process for process in connection.processes() if process.children() == [] and process.pid != connection.process.pid]
            began = time.perf_counter()
            for worker in workers:
                worker.send_signal(signal.SIGKILL)
            seconds, answer = await connection.timed("textDocument/hover", hover)
            assert answer is not None
            found["next_hover"].append(seconds)
            name = f"undefined_after_{count}"
            put(f"value = {name}")
            arrived = await connection.until_published(lambda params, name=name: any(name in d["message"] for d in params["diagnostics"]))
            found["fresh_analysis"].append(arrived - began)
    return found


async def front_beside_a_busy_worker(document: OpenDocument, before: str, seconds: float) -> list[float]:
    """Seconds of hovers at a place of no kernel while the worker checks one edit after the other."""
    times: list[float] = []
    ends = time.perf_counter() + seconds
    params: dict[str, Any] = {**document.identity, "position": {"line": 0, "character": 0}}
    with document.inserted_line(before) as put:
        count = 0
        while time.perf_counter() < ends:
            count += 1
            put(f"value = {count}")
            taken, _ = await document.connection.timed("textDocument/hover", params)
            times.append(taken)
            await asyncio.sleep(0.005)
    return times
