"""Workers that are forked off one process: killed, hanging and closed, and the process itself killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from helion_lsp.front.worker_client import WorkerClient, WorkerUnavailable
from helion_lsp.front.zygote import Zygote, can_fork

pytestmark = pytest.mark.skipif(not can_fork(), reason="only Linux forks workers")

FAKE = (sys.executable, str(Path(__file__).with_name("fake_zygote.py")))


class Session:
    """A zygote with its first worker."""

    def __init__(self, *arguments: str, deadline: float = 20) -> None:
        self.states: list[str] = []
        self.zygote = Zygote((*FAKE, *arguments))
        self.client = WorkerClient(self.zygote.start, lambda state, message: self.states.append(state), deadline)

    def zygote_process(self) -> psutil.Process:
        return next(p for p in psutil.Process().children() if str(FAKE[1]) in p.cmdline())

    async def answers(self, text: str) -> bool:
        return await self.client.request("analyse", "f.py", text) == {"text": text}


def with_zygote(scenario: Callable[[Session], Awaitable[None]], *arguments: str, deadline: float = 20) -> None:
    async def run() -> None:
        session = Session(*arguments, deadline=deadline)
        await session.client.start()
        try:
            await scenario(session)
        finally:
            await session.client.close()
            await session.zygote.close()

    asyncio.run(asyncio.wait_for(run(), 60))


def test_a_killed_worker_is_replaced_by_the_same_zygote() -> None:
    async def scenario(session: Session) -> None:
        assert await session.answers("x")
        zygote, first = session.zygote_process().pid, session.client.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        while session.states.count("ready") < 2:
            await asyncio.sleep(0.001)
        assert await session.answers("y")
        assert session.client.pid != first
        assert session.zygote_process().pid == zygote

    with_zygote(scenario)


def test_crashes_are_counted_and_hangs_ended() -> None:
    async def scenario(session: Session) -> None:
        for text, words in (("DIE", "the analysis process ended"), ("SEGV", "the analysis process ended"), ("HANG", "took too long")):
            with pytest.raises(WorkerUnavailable, match=words):
                await session.client.request("analyse", "f.py", text)
        assert await session.answers("x")
        assert session.states.count("ready") == 4

    with_zygote(scenario, deadline=4)


def test_a_stray_print_reaches_standard_error_alone() -> None:
    async def scenario(session: Session) -> None:
        assert await session.answers("PRINT")
        assert session.states == ["warming", "ready"]

    with_zygote(scenario)


def test_workers_outlive_their_zygote_and_a_new_one_is_started_for_the_next() -> None:
    async def scenario(session: Session) -> None:
        assert await session.answers("x")
        worker = session.client.pid
        session.zygote_process().kill()
        assert await session.answers("y")
        assert session.client.pid == worker
        session.client.kill()
        assert await session.answers("z")
        assert session.client.pid != worker

    with_zygote(scenario)


def test_two_clients_share_a_zygote() -> None:
    async def scenario(session: Session) -> None:
        other = WorkerClient(session.zygote.start)
        await other.start()
        assert await session.answers("x")
        assert await other.request("analyse", "f.py", "y") == {"text": "y"}
        assert {p.pid for p in session.zygote_process().children()} == {session.client.pid, other.pid}
        await other.close()
        assert await session.answers("z")

    with_zygote(scenario)


def test_a_zygote_that_cannot_start_is_given_up() -> None:
    async def scenario(session: Session) -> None:
        while "broken" not in session.states:
            await asyncio.sleep(0.01)
        assert session.states.count("warming") == 3

    with_zygote(scenario, "never-start")


def test_closing_leaves_no_process() -> None:
    seen: list[psutil.Process] = []

    async def scenario(session: Session) -> None:
        assert await session.answers("x")
        zygote = session.zygote_process()
        seen.extend((zygote, *zygote.children()))

    with_zygote(scenario)
    assert len(seen) == 2
    assert not any(process.is_running() for process in seen)


@pytest.mark.parametrize("turns", range(4))
def test_closing_ends_what_is_still_being_started(turns: int) -> None:
    """An editor that is closed at once would leave a process that imports torch for seconds."""
    mark = f"zygote-{uuid4()}"

    async def run() -> None:
        zygote = Zygote((*FAKE, mark))
        client = WorkerClient(zygote.start)
        starting = asyncio.create_task(client.start())
        for _ in range(1 + turns):
            await asyncio.sleep(0)
        await client.close()
        await zygote.close()
        assert not any(mark in " ".join(p.info["cmdline"] or ()) for p in psutil.process_iter(["cmdline"]))
        await starting

    asyncio.run(asyncio.wait_for(run(), 60))


def test_two_that_start_at_once_share_a_zygote() -> None:
    async def run() -> None:
        zygote = Zygote(FAKE)
        clients = [WorkerClient(zygote.start) for _ in range(2)]
        await asyncio.gather(*(client.start() for client in clients))
        assert [await client.request("analyse", "f.py", "x") for client in clients] == [{"text": "x"}] * 2
        assert len([p for p in psutil.Process().children() if FAKE[1] in p.cmdline()]) == 1
        for client in clients:
            await client.close()
        await zygote.close()

    asyncio.run(asyncio.wait_for(run(), 60))


def test_the_end_of_the_front_ends_all() -> None:
    """Nobody is left to close anything when the front is killed: both processes see that by the ends of their connections."""
    mark = f"zygote-{uuid4()}"
    program = (
        "import asyncio, os\n"
        "from helion_lsp.front.worker_client import WorkerClient\n"
        "from helion_lsp.front.zygote import Zygote\n"
        "async def run():\n"
        f"    client = WorkerClient(Zygote({(*FAKE, mark)!r}).start)\n"
        "    await client.start()\n"
        "    await client.request('analyse', 'f.py', 'x')\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(run())\n"
    )

    async def run() -> None:
        await (await asyncio.create_subprocess_exec(sys.executable, "-c", program)).wait()
        async with asyncio.timeout(60):
            while any(mark in " ".join(p.info["cmdline"] or ()) for p in psutil.process_iter(["cmdline"])):
                await asyncio.sleep(0.05)

    asyncio.run(run())
