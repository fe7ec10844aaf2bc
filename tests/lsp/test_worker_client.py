"""The front's end of the worker: killed, hanging, failing, printing and unstartable workers."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from helion_lsp.front.worker_client import WorkerClient, WorkerUnavailable
from helion_lsp.front.worker_process import spawned

FAKE = (sys.executable, str(Path(__file__).with_name("fake_worker.py")))


def with_worker(scenario: Callable[[WorkerClient, list[str]], Awaitable[None]], *arguments: str, deadline: float = 20) -> None:
    async def session() -> None:
        states: list[str] = []
        client = WorkerClient(spawned((*FAKE, *arguments)), lambda state, message: states.append(state), deadline)
        await client.start()
        try:
            await scenario(client, states)
        finally:
            await client.close()

    asyncio.run(asyncio.wait_for(session(), 60))


async def fails(client: WorkerClient, text: str) -> str:
    with pytest.raises(WorkerUnavailable) as raised:
        await client.request("analyse", "f.py", text)
    return str(raised.value)


def test_answers_come_to_whoever_asked() -> None:
    async def scenario(client: WorkerClient, states: list[str]) -> None:
        answers = await asyncio.gather(*(client.request("analyse", "f.py", f"{n} \U0001f600\u2028") for n in range(20)))
        assert [a["text"] for a in answers] == [f"{n} \U0001f600\u2028" for n in range(20)]
        assert states == ["warming", "ready"]

    with_worker(scenario)


def test_stray_prints_do_not_reach_the_front() -> None:
    async def scenario(client: WorkerClient, states: list[str]) -> None:
        assert await client.request("analyse", "f.py", "PRINT") == {"text": "PRINT"}

    with_worker(scenario)


def test_a_failing_request_leaves_the_worker_alone() -> None:
    async def scenario(client: WorkerClient, states: list[str]) -> None:
        pid = client.pid
        assert await fails(client, "FAIL") == "RuntimeError: a bug"
        assert await client.request("analyse", "f.py", "x") == {"text": "x"}
        assert client.pid == pid

    with_worker(scenario)


def test_no_memory_is_an_answer() -> None:
    async def scenario(client: WorkerClient, states: list[str]) -> None:
        assert "MemoryError" in await fails(client, "EAT")
        assert await client.request("analyse", "f.py", "x") == {"text": "x"}

    with_worker(scenario)


def test_a_fault_of_memory_ends_only_the_worker() -> None:
    async def scenario(client: WorkerClient, states: list[str]) -> None:
        pid = client.pid
        assert await fails(client, "SEGV") == "the analysis process ended"
        assert await client.request("analyse", "f.py", "x") == {"text": "x"}
        assert client.pid != pid

    with_worker(scenario)


@pytest.mark.parametrize("said", ["MUMBLE", '"MUMBLE"', '[1, "MUMBLE"]', '{"MUMBLE": 1}', '{"id": 0, "MUMBLE": 1}'])
def test_a_worker_that_says_what_it_should_not_is_started_anew(said: str) -> None:
    async def scenario(client: WorkerClient, states: list[str]) -> None:
        assert await fails(client, said) == "the analysis process ended"
        assert await client.request("analyse", "f.py", "x") == {"text": "x"}
        assert states == ["warming", "ready", "restarting", "warming", "ready"]

    with_worker(scenario)


def test_one_kernel_in_quarantine_leaves_others_alone() -> None:
    async def scenario(client: WorkerClient, states: list[str]) -> None:
        for _ in range(3):
            await fails(client, "SEGV")
        assert client.quarantined == ["kernel of SEGV"]
        params = {"quarantined": client.quarantined}
        assert await client.request("analyse", "f.py", "SEGV", params) == {"skipped": "kernel of SEGV"}
        assert await client.request("details", "f.py", "other", params) == {"text": "other"}

    with_worker(scenario)


def test_a_killed_worker_is_started_again() -> None:
    async def scenario(client: WorkerClient, states: list[str]) -> None:
        await client.request("analyse", "f.py", "x")
        assert client.pid is not None
        os.kill(client.pid, signal.SIGKILL)
        while "restarting" not in states:
            await asyncio.sleep(0.01)
        assert await client.request("analyse", "f.py", "y") == {"text": "y"}
        assert states == ["warming", "ready", "restarting", "warming", "ready"]
        assert client.quarantined == []

    with_worker(scenario)


def test_a_hanging_worker_is_killed_at_its_deadline() -> None:
    async def scenario(client: WorkerClient, states: list[str]) -> None:
        await client.request("analyse", "f.py", "x")
        began = time.monotonic()
        assert await fails(client, "HANG") == "the analysis took too long"
        assert time.monotonic() - began < 30
        assert await client.request("analyse", "f.py", "y") == {"text": "y"}

    with_worker(scenario, deadline=1)


def test_a_kernel_that_crashes_it_three_times_is_quarantined() -> None:
    async def scenario(client: WorkerClient, states: list[str]) -> None:
        for _ in range(3):
            assert client.quarantined == []
            assert await fails(client, "DIE") == "the analysis process ended"
        await client.request("analyse", "f.py", "x")
        assert client.quarantined == ["kernel of DIE"]
        params: dict[str, Any] = {"quarantined": client.quarantined}
        assert await client.request("analyse", "f.py", "DIE", params) == {"skipped": "kernel of DIE"}

    with_worker(scenario)


def test_a_worker_that_cannot_start_is_given_up() -> None:
    async def scenario(client: WorkerClient, states: list[str]) -> None:
        while "broken" not in states:
            await asyncio.sleep(0.01)
        assert await fails(client, "x") == "the analysis process cannot be started"
        assert states.count("warming") == 3

    with_worker(scenario, "never-start")


def test_closing_leaves_no_process() -> None:
    async def session() -> int:
        client = WorkerClient(spawned(FAKE))
        await client.start()
        await client.request("analyse", "f.py", "x")
        pid = client.pid
        await client.close()
        assert pid is not None
        return pid

    pid = asyncio.run(session())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
