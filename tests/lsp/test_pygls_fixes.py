"""Each repair of pygls, against the real server with a worker that does nothing; where the front's imports end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcRequestCancelled

from tests.lsp.conftest import URI, Client

SLOW_COMMAND = f"""
import asyncio, logging.handlers, sys
from helion_lsp.create_server import create_server
server = create_server(({sys.executable!r}, {str(Path(__file__).with_name("fake_worker.py"))!r}))
begun, ended = [], []
async def slow(ls):
    begun.append(1)
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        ended.append("cancelled")
        raise
async def how_it_ended(ls):
    return [*ended, len(ls.protocol._request_futures), len(ls.work_done_progress.tokens)]
async def ask(ls):
    try:
        await asyncio.wait_for(ls.protocol.send_request_async("test/late", {{}}), 0.05)
    except TimeoutError:
        return "gave up"
warnings = logging.handlers.BufferingHandler(1000)
logging.getLogger("pygls").addHandler(warnings)
server.command("warnings")(lambda ls: [record.getMessage() for record in warnings.buffer])
server.command("begun")(lambda ls: len(begun))
server.command("slow")(slow)
server.command("howItEnded")(how_it_ended)
server.command("ask")(ask)
server.start_io()
"""
COMMAND = (sys.executable, "-c", SLOW_COMMAND)


async def execute(client: Client, command: str) -> Any:
    return await client.workspace_execute_command_async(lsp.ExecuteCommandParams(command=command))


def test_a_cancelled_command_stops(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        future = client.protocol.send_request_async("workspace/executeCommand", lsp.ExecuteCommandParams(command="slow"), msg_id="slow")
        while not await execute(client, "begun"):
            pass
        client.cancel_request(lsp.CancelParams(id="slow"))
        with pytest.raises(JsonRpcRequestCancelled):
            await asyncio.wait_for(future, 30)
        assert (await execute(client, "howItEnded"))[0] == "cancelled"

    drive(scenario, command=COMMAND)


def test_cancelled_requests_of_a_burst_do_not_hold_up_others(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        slow = lsp.ExecuteCommandParams(command="slow")
        futures = [client.protocol.send_request_async("workspace/executeCommand", slow, msg_id=f"s{n}") for n in range(20)]
        began = time.monotonic()
        await execute(client, "howItEnded")
        assert time.monotonic() - began < 30
        for n in range(20):
            client.cancel_request(lsp.CancelParams(id=f"s{n}"))
        results = await asyncio.wait_for(asyncio.gather(*futures, return_exceptions=True), 30)
        assert all(isinstance(r, JsonRpcRequestCancelled) for r in results)

    drive(scenario, command=COMMAND)


def test_futures_of_notifications_are_forgotten(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open("x = 1\n")
        for _ in range(50):
            client.version += 1
            document = lsp.VersionedTextDocumentIdentifier(uri=URI, version=client.version)
            change = lsp.TextDocumentContentChangeWholeDocument(text="x = 2\n")
            client.text_document_did_change(lsp.DidChangeTextDocumentParams(text_document=document, content_changes=[change]))
        assert (await execute(client, "howItEnded"))[-2] < 5

    drive(scenario, command=COMMAND)


def test_a_late_answer_of_the_client_is_ignored(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        gave_up, answered = asyncio.Event(), asyncio.Event()

        @client.feature("test/late")
        async def late(params: Any) -> None:
            await gave_up.wait()
            answered.set()

        assert await execute(client, "ask") == "gave up"
        gave_up.set()
        await answered.wait()
        assert isinstance(await execute(client, "howItEnded"), list)

    drive(scenario, command=COMMAND)


def test_cancelling_what_was_answered_is_not_warned_of(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.cancel_request(lsp.CancelParams(id="answered"))
        assert await execute(client, "warnings") == []

    drive(scenario, command=COMMAND)


def test_a_change_of_a_closed_document_does_no_harm(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        document = lsp.VersionedTextDocumentIdentifier(uri="file:///nowhere.py", version=3)
        there = lsp.Range(start=lsp.Position(5, 0), end=lsp.Position(9, 9))
        change = lsp.TextDocumentContentChangePartial(range=there, text="x")
        client.text_document_did_change(lsp.DidChangeTextDocumentParams(text_document=document, content_changes=[change]))
        assert isinstance(await execute(client, "howItEnded"), list)

    drive(scenario, command=COMMAND)


def test_the_front_imports_nothing_heavy() -> None:
    heavy = {"torch", "triton", "sympy", "numpy", "libcst", "click"}
    program = f"import sys, helion_lsp.create_server as s; s.create_server(); sys.exit(repr({heavy!r} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.stderr.strip() == "set()"


def test_features_know_no_protocol() -> None:
    program = (
        "import sys, pkgutil, importlib, helion_lsp.features as f\n"
        "for m in pkgutil.iter_modules(f.__path__): importlib.import_module(f'helion_lsp.features.{m.name}')\n"
        "sys.exit(repr({'pygls', 'lsprotocol'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.stderr.strip() == "set()"
