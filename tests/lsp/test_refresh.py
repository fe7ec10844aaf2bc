"""Refreshes that the client is asked for: one when an analysis comes late, and no storm of them when it never comes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from tests.lsp.conftest import TEXT, URI, Client

FAKE = (sys.executable, str(Path(__file__).with_name("fake_worker.py")))
PROGRAM = f"from helion_lsp.create_server import create_server; create_server({FAKE!r}).start_io()"
DOCUMENT = lsp.TextDocumentIdentifier(uri=URI)
PULLS = lsp.ClientCapabilities(
    text_document=lsp.TextDocumentClientCapabilities(diagnostic=lsp.DiagnosticClientCapabilities()),
    workspace=lsp.WorkspaceClientCapabilities(diagnostics=lsp.DiagnosticWorkspaceClientCapabilities(refresh_support=True)),
)


def test_an_analysis_that_fails_asks_for_no_storm(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        asked = 0

        @client.feature(lsp.WORKSPACE_DIAGNOSTIC_REFRESH)
        async def refresh(params: Any) -> None:
            nonlocal asked
            asked += 1
            pull()

        def pull() -> None:
            future = client.text_document_diagnostic_async(lsp.DocumentDiagnosticParams(text_document=DOCUMENT))
            pulls.append(asyncio.ensure_future(future))

        pulls: list[Any] = []
        client.open("import helion  # FAIL")
        pull()
        await asyncio.sleep(1)
        await asyncio.gather(*pulls)
        assert asked <= 2

    drive(scenario, command=(sys.executable, "-c", PROGRAM), capabilities=PULLS)


def test_who_cannot_be_told_to_ask_again_is_told(drive: Callable[..., None]) -> None:
    """Neovim 0.11 pulls and knows no refresh: what an analysis finds after the answer would never be seen."""
    pulls_only = lsp.ClientCapabilities(text_document=lsp.TextDocumentClientCapabilities(diagnostic=lsp.DiagnosticClientCapabilities()))

    async def scenario(client: Client) -> None:
        assert client.offered.diagnostic_provider is None
        client.open(TEXT.replace("y[tile_k, tile_n]", "y[tile_n, tile_k]", 1))
        await client.until(lambda: URI in client.published and len(client.published[URI].diagnostics) > 0)
        assert [found.code for found in client.published[URI].diagnostics] == ["dot-shape-mismatch"]

    drive(scenario, capabilities=pulls_only)


def test_who_can_is_offered_to_ask(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        assert client.offered.diagnostic_provider is not None

    drive(scenario, ready=False, capabilities=PULLS)
