"""Previews that are shown follow their source: virtual documents are read again, plain files are written again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from helion_lsp.front.protocol import preview_of_uri, preview_uri
from tests.lsp.conftest import TEXT, URI, Client

LOCKED = TEXT.replace("@helion.kernel\n", "@helion.kernel(config=helion.Config(block_sizes=[16, 32, 64]))\n", 1)
EDITED = LOCKED.replace("out[tile_m, tile_n] = acc\n", "out[tile_m, tile_n] = acc * 3\n", 1)


def test_an_address_says_all_that_a_preview_is_of() -> None:
    chosen = {"config": "helion.Config(block_sizes=[16], indexing='block_ptr')", "target": "sm_80", "args": "bf16[1,2], int(3)"}
    address = preview_uri("helion-preview", "file:///a%20b/k.py", "f#2", "triton", chosen)
    assert preview_of_uri(address) == {"uri": "file:///a%20b/k.py", "kernel": "f#2", "kind": "triton", **chosen}


def test_a_virtual_document_is_that_preview_and_is_read_again_after_an_edit(drive: Callable[..., None]) -> None:
    again: list[str] = []
    shown: list[str] = []

    def listen(client: Client) -> None:
        @client.feature("workspace/textDocumentContent/refresh")
        def refresh(params: Any) -> None:
            again.append(params.uri)

        @client.feature(lsp.WINDOW_SHOW_DOCUMENT)
        def show(params: lsp.ShowDocumentParams) -> lsp.ShowDocumentResult:
            shown.append(params.uri)
            return lsp.ShowDocumentResult(success=True)

    async def scenario(client: Client) -> None:
        client.open(LOCKED)
        asked = {"uri": URI, "kernel": "matmul", "config": {"block_sizes": [16, 16, 32]}, "target": "sm_80"}
        found: Any = await client.protocol.send_request_async("helion/preview", asked)
        read = await client.workspace_text_document_content_async(lsp.TextDocumentContentParams(uri=found.previewUri))
        assert read.text == found.text
        assert "_BLOCK_SIZE_2 = 32" in read.text
        locked = await client.workspace_execute_command_async(
            lsp.ExecuteCommandParams("helion.showPreview", [URI, "matmul", "triton", {"config": "locked"}])
        )
        assert shown == [locked["uri"]]
        assert "path" not in locked
        content = await client.workspace_text_document_content_async(lsp.TextDocumentContentParams(uri=locked["uri"]))
        assert "# the config in the decorator: Config(block_sizes=[16, 32, 64])" in content.text
        await client.edit(EDITED)
        await client.until(lambda: set(again) == {found.previewUri, locked["uri"]})
        read = await client.workspace_text_document_content_async(lsp.TextDocumentContentParams(uri=found.previewUri))
        assert "* 3.0" in read.text

    window = lsp.WindowClientCapabilities(show_document=lsp.ShowDocumentClientCapabilities(support=True))
    workspace = lsp.WorkspaceClientCapabilities(text_document_content=lsp.TextDocumentContentClientCapabilities())
    drive(scenario, capabilities=lsp.ClientCapabilities(window=window, workspace=workspace), before=listen)


def test_plain_files_are_written_again_each_with_its_own_config(drive: Callable[..., None]) -> None:
    async def show(client: Client, *options: dict[str, Any]) -> Path:
        command = lsp.ExecuteCommandParams("helion.showPreview", [URI, "matmul", "triton", *options])
        return Path((await client.workspace_execute_command_async(command))["path"])

    async def scenario(client: Client) -> None:
        client.open(LOCKED)
        plain, locked = await show(client), await show(client, {"config": "locked"})
        assert plain != locked
        assert await show(client) == plain
        assert "# the config in the decorator" in locked.read_text(encoding="utf-8")
        await client.edit(EDITED)
        await client.until(lambda: all("* 3.0" in path.read_text(encoding="utf-8") for path in (plain, locked)))

    drive(scenario)
