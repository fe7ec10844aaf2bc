"""Clients that answer what no client should: the server says that nothing was written, and goes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from tests.lsp.conftest import TEXT, URI, Client

LOCK = {"kernel": "matmul", "device": "sm_90", "signature": None, "config": {"block_sizes": [64, 64, 32]}}


REPLIES: tuple[dict[str, Any], ...] = (
    {"result": None},
    {"result": "yes"},
    {"result": {"applied": "perhaps", "success": [], "title": {}}},
    {"error": {"code": "x"}},
)


def answer_with(client: Client, reply: dict[str, Any], request: str = "ApplyWorkspaceEdit") -> list[str]:
    """Have the client answer every request of a kind with a message of our making; which answers were replaced is told as it happens."""
    send = client.protocol._send_data  # pyright: ignore[reportPrivateUsage]
    replaced: list[str] = []

    def malformed(data: Any) -> None:
        name = type(data).__name__
        # Pygls answers None in a message of no kind.
        if name in (f"{request}Response", "JsonRPCResponseMessage"):
            replaced.append(name)
            return send({"jsonrpc": "2.0", "id": data.id, **reply})
        return send(data)

    client.protocol._send_data = malformed  # pyright: ignore[reportPrivateUsage]
    return replaced


@pytest.mark.parametrize("reply", REPLIES, ids=str)
def test_a_reply_that_makes_no_sense_is_survived(drive: Callable[..., None], reply: dict[str, Any]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: URI in client.published)
        answer_with(client, reply)
        asked = lsp.ExecuteCommandParams(command="helion.codemod", arguments=[URI, "lock", LOCK])
        # An error is an answer too.
        with contextlib.suppress(JsonRpcException):
            answer: Any = await asyncio.wait_for(client.workspace_execute_command_async(asked), 40)
            assert isinstance(answer["message"], str)
        assert await client.edit(TEXT) == []
        assert (await client.hover("acc = hl.zeros")).startswith("`f32[")

    drive(scenario)


def everything() -> lsp.ClientCapabilities:
    """A client that says that it can be asked everything that the server ever asks."""
    return lsp.ClientCapabilities(
        window=lsp.WindowClientCapabilities(work_done_progress=True, show_document=lsp.ShowDocumentClientCapabilities(support=True)),
        workspace=lsp.WorkspaceClientCapabilities(
            code_lens=lsp.CodeLensWorkspaceClientCapabilities(refresh_support=True),
            inlay_hint=lsp.InlayHintWorkspaceClientCapabilities(refresh_support=True),
            did_change_watched_files=lsp.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
        ),
    )


# What makes the server ask, by the class of the client's answer: a method of the client's and a command.
ASKING = {
    "ShowMessage": (lsp.WINDOW_SHOW_MESSAGE_REQUEST, "helion.chooseSignature", [URI, "matmul"]),
    "ShowDocument": (lsp.WINDOW_SHOW_DOCUMENT, "helion.showRepro", [URI, "matmul"]),
    "InlayHintRefresh": (lsp.WORKSPACE_INLAY_HINT_REFRESH, "helion.toggleDecisions", []),
    "CodeLensRefresh": (lsp.WORKSPACE_CODE_LENS_REFRESH, "helion.toggleDecisions", []),
}


@pytest.mark.parametrize("request_kind", ASKING)
def test_whatever_is_asked_may_be_answered_with_nonsense(drive: Callable[..., None], request_kind: str) -> None:
    method, command, arguments = ASKING[request_kind]

    async def scenario(client: Client) -> None:
        client.feature(method)(lambda *_: None)
        client.open()
        await client.until(lambda: URI in client.published)
        for number, reply in enumerate(REPLIES, 1):
            replaced = answer_with(client, reply, request_kind)
            asked = lsp.ExecuteCommandParams(command=command, arguments=arguments)
            with contextlib.suppress(JsonRpcException):
                await asyncio.wait_for(client.workspace_execute_command_async(asked), 60)
            await client.until(lambda replaced=replaced: bool(replaced))
            said = await client.edit(TEXT + "\n" * number)
            assert all(d.severity is not lsp.DiagnosticSeverity.Error for d in said)
            assert (await client.hover("acc = hl.zeros")).startswith("`f32[")

    drive(scenario, capabilities=everything())


@pytest.mark.parametrize("reply", REPLIES, ids=str)
def test_a_server_starts_though_its_first_request_is_answered_with_nonsense(drive: Callable[..., None], reply: dict[str, Any]) -> None:
    asked: list[str] = []

    def before(client: Client) -> None:
        @client.feature(lsp.CLIENT_REGISTER_CAPABILITY)  # pyright: ignore[reportUntypedFunctionDecorator]  # pygls leaves it untyped
        def register(params: lsp.RegistrationParams) -> None:
            asked.extend(registration.method for registration in params.registrations)

        answer_with(client, reply, "Registration")

    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: URI in client.published)
        assert (await client.hover("acc = hl.zeros")).startswith("`f32[")
        assert await client.edit(TEXT + "\n") == []
        assert asked == [lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES]

    drive(scenario, capabilities=everything(), before=before)


@pytest.mark.parametrize("reply", REPLIES[2:], ids=str)
def test_a_tuning_goes_on_without_a_progress_bar_that_a_client_answers_with_nonsense(
    drive: Callable[..., None], reply: dict[str, Any]
) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        await client.until(lambda: URI in client.published)
        replaced = answer_with(client, reply, "WorkDoneProgressCreate")
        options = {"args": "bf16[512,512], bf16[512,512]", "target": "sm_90", "budget": 5}
        asked = lsp.ExecuteCommandParams(command="helion.tuneAndLock", arguments=[URI, "matmul", options])
        answer: Any = await asyncio.wait_for(client.workspace_execute_command_async(asked), 90)
        assert replaced
        # Pygls' answers to edits are replaced too: found is a config all the same.
        assert answer["config"], answer
        assert await client.edit(TEXT + "\n") == []

    drive(scenario, capabilities=everything())


@pytest.mark.parametrize("params", [{}, {"textDocument": {"uri": URI}}, {"textDocument": 3, "position": "here"}], ids=str)
def test_a_request_that_cannot_be_read_is_answered_with_an_error(drive: Callable[..., None], params: dict[str, Any]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        answer: Future[Any] = Future()
        client.protocol._request_futures["unreadable"] = answer  # pyright: ignore[reportPrivateUsage]
        send = client.protocol._send_data  # pyright: ignore[reportPrivateUsage]
        send({"jsonrpc": "2.0", "id": "unreadable", "method": "textDocument/hover", "params": params})
        with pytest.raises(JsonRpcException) as raised:
            await asyncio.wait_for(asyncio.wrap_future(answer), 40)
        assert "cannot be read" in str(raised.value)
        assert (await client.hover("acc = hl.zeros")).startswith("`f32[")

    drive(scenario)


def test_a_kernel_that_is_not_there_is_not_tuned(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        asked = lsp.ExecuteCommandParams(command="helion.tuneAndLock", arguments=[URI, "nobody", {}])
        answer: Any = await asyncio.wait_for(client.workspace_execute_command_async(asked), 40)
        assert (answer["locked"], answer["message"]) == (False, "there is no kernel nobody in the text any more")
        assert not client.tokens

    drive(scenario, ready=False)
