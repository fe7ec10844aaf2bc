"""The command `helion.codemod`: one versioned edit, asked again when the text moved on, and what it says when there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types as lsp

from helion_codemods.commands.lock import lock_config
from helion_codemods.outcome import Rewritten
from helion_lsp.worker.answers import codemod
from tests.lsp.test_server import TEXT, URI, Client

LOCK = {"kernel": "matmul", "device": "sm_90", "signature": None, "config": {"block_sizes": [64, 64, 32]}}


async def asked(client: Client, name: str, options: dict[str, Any]) -> Any:
    arguments: list[Any] = [URI, name, options]
    return await client.workspace_execute_command_async(lsp.ExecuteCommandParams(command="helion.codemod", arguments=arguments))


def test_one_versioned_edit_even_when_the_text_moved_on(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open()
        client.refused_edits = 1
        answer = await asked(client, "lock", LOCK)
        assert answer["changed"], answer["message"]
        (params,) = client.edits
        assert client.refused_edits <= 0
        (change,) = params.edit.document_changes or []
        assert isinstance(change, lsp.TextDocumentEdit)
        new_text = "".join(e.new_text for e in change.edits if isinstance(e, lsp.TextEdit))
        assert '"sm_90": helion.Config(block_sizes=[64, 64, 32])' in new_text
        assert (await asked(client, "unlock", {"kernel": "matmul"}))["message"] == "there is nothing to change"
        assert "there is no kernel" in (await asked(client, "prune", {"kernel": "gone"}))["message"]

    drive(scenario)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [("frobnicate", {}, "is not a codemod: one of lock, unlock"), ("unlock", {"kernel": "matmul", "colour": 1}, "colour")],
)
def test_what_is_asked_wrongly(name: str, options: dict[str, Any], words: str) -> None:
    assert words in codemod("matmul.py", TEXT, name, options)["refused"]


def test_the_edit_is_the_change() -> None:
    outcome = lock_config(TEXT, **LOCK)
    assert isinstance(outcome, Rewritten)
    start, end, new = codemod("matmul.py", TEXT, "lock", LOCK)["edit"]
    assert TEXT[:start] + new + TEXT[end:] == outcome.text
