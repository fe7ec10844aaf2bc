"""Clients that answer what no client should: the server says that nothing was written, and goes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from tests.lsp.conftest import TEXT, URI, Client

LOCK = {"kernel": "matmul", "device": "sm_90", "signature": None, "config": {"block_sizes": [64, 64, 32]}}


def answer_with(client: Client, reply: dict[str, Any]) -> None:
    """Have the client answer every edit with a message of our making."""
    send = client.protocol._send_data  # pyright: ignore[reportPrivateUsage]

    def malformed(data: Any) -> None:
        if isinstance(data, lsp.ApplyWorkspaceEditResponse):
            return send({"jsonrpc": "2.0", "id": data.id, **reply})
        return send(data)

    client.protocol._send_data = malformed  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize(
    "reply",
    [
        {"result": None},
        {"result": "yes"},
        {"result": {"applied": "perhaps"}},
        {"error": {"code": "x"}},
    ],
    ids=str,
)
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
