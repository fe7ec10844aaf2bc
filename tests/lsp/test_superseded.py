"""What the worker is at when its text is changed ends soon: the newest text is what somebody waits for."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from helion.source import SourceFile
from helion_lsp.front import workspace as front
from helion_lsp.front.worker_client import WorkerClient
from helion_lsp.front.worker_process import spawned
from helion_lsp.front.workspace import Document, Workspace

FAKE = (sys.executable, str(Path(__file__).with_name("fake_worker.py")))


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    def whole(answer: dict[str, Any], before: object) -> dict[str, Any]:
        return {"kernels": [], "diagnostics": [], **answer}

    monkeypatch.setattr(front, "_SUPERSEDED_SECONDS", 0.05)
    monkeypatch.setattr(front, "whole_analysis", whole)


async def types(workspace: Workspace, client: WorkerClient, words: str) -> Document:
    document = workspace.open("f", "f.py", 1, "import helion  # HANG")
    while not client.is_ready:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.01)
    for version, word in enumerate(words.split(), 2):
        workspace.change("f", version, SourceFile("f.py", f"import helion  # {word}"))
        await asyncio.sleep(0.1)
    assert document.task is not None
    await document.task
    return document


@pytest.mark.parametrize("words", ["sound", "HANG1 HANG2 HANG3 HANG4 HANG5 HANG6 sound"])
def test_a_text_that_was_changed_holds_nothing_up(words: str) -> None:
    """Neither the deadline of a request, here an hour, nor the number of tries that a text has."""

    async def session() -> None:
        seen: list[str] = []
        client = WorkerClient(spawned(FAKE), deadline=3600)
        workspace = Workspace(client, lambda document: seen.append(document.file.text))
        await client.start()
        try:
            document = await types(workspace, client, words)
            assert document.is_analysed
            assert seen == ["import helion  # sound"]
            assert client.quarantined == []
        finally:
            workspace.close("f")
            await client.close()

    asyncio.run(asyncio.wait_for(session(), 120))


def test_one_that_is_still_wanted_is_not_ended() -> None:
    async def session() -> None:
        states: list[str] = []
        client = WorkerClient(spawned(FAKE), lambda state, message: states.append(state), deadline=3600)
        workspace = Workspace(client, lambda document: None)
        await client.start()
        try:
            await types(workspace, client, "HANG sound")
            started = states.count("warming")
            document = workspace.change("f", 9, SourceFile("f.py", "import helion  # HANG"))
            await asyncio.sleep(0.5)
            assert document.task is not None and not document.task.done()
            assert states.count("warming") == started
        finally:
            workspace.close("f")
            await client.close()

    asyncio.run(asyncio.wait_for(session(), 120))
