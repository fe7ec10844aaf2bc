"""A real server over standard input and output, driven by a client that keeps what it is told."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Union

import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import BaseLanguageClient
from pygls.protocol import default_converter

ROOT = Path(__file__).parents[2]
URI = (ROOT / "examples" / "not_saved.py").as_uri()
STALE = "*from the last text that was checked*"
HANGS_SECONDS = 600.0  # far beyond what any machine takes
TEXT = (ROOT / "examples" / "matmul.py").read_text(encoding="utf-8")


def _converter() -> Any:
    """lsprotocol takes every action that has a command for a bare command, and loses its kind."""
    converter = default_converter()
    either = lsp.Command | lsp.CodeAction

    def structured(data: Any, _: Any) -> lsp.Command | lsp.CodeAction:
        return converter.structure(data, lsp.Command if isinstance(data.get("command"), str) else lsp.CodeAction)

    converter.register_structure_hook(either, structured)
    converter.register_structure_hook(Union[lsp.Command, lsp.CodeAction], structured)  # noqa: UP007 - lsprotocol's spelling
    return converter


class Client(BaseLanguageClient):
    """Diagnostics by URI, states, edits and progress as they arrive."""

    def __init__(self) -> None:
        super().__init__("test", "1", converter_factory=_converter)
        self.published: dict[str, lsp.PublishDiagnosticsParams] = {}
        self.states: list[str] = []
        self.previews: list[str] = []
        self.edits: list[lsp.ApplyWorkspaceEditParams] = []
        self.progress: list[str] = []
        self.tokens: list[str | int] = []
        self.refused_edits = 0
        self.version = 0
        self.offered = lsp.ServerCapabilities()
        self.temporary = Path()
        self.on_progress: Callable[[str], None] = lambda message: None

    async def until(self, condition: Callable[[], bool], seconds: float = HANGS_SECONDS) -> None:
        async def wait() -> None:
            while not condition():
                await asyncio.sleep(0.01)

        await asyncio.wait_for(wait(), seconds)

    def open(self, text: str = TEXT) -> None:
        self.version = 1
        item = lsp.TextDocumentItem(uri=URI, language_id="python", version=1, text=text)
        self.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=item))

    async def edit(self, text: str) -> list[lsp.Diagnostic]:
        """Change the text and give the diagnostics published for that version by the worker."""
        self.version += 1
        document = lsp.VersionedTextDocumentIdentifier(uri=URI, version=self.version)
        change = lsp.TextDocumentContentChangeWholeDocument(text=text)
        self.text_document_did_change(lsp.DidChangeTextDocumentParams(text_document=document, content_changes=[change]))
        await self.until(lambda: self.published[URI].version == self.version)
        return list(self.published[URI].diagnostics)

    def position(self, words: str, text: str = TEXT) -> lsp.Position:
        offset = text.index(words)
        return lsp.Position(line=text.count("\n", 0, offset), character=offset - text.rfind("\n", 0, offset) - 1)

    async def hover_once(self, words: str, text: str = TEXT) -> str:
        """What is said of the words at once; "" where nothing is."""
        found = await self.text_document_hover_async(lsp.HoverParams(lsp.TextDocumentIdentifier(URI), self.position(words, text)))
        return "" if found is None else found.contents.value

    async def hover(self, words: str, text: str = TEXT) -> str:
        """What is said of the words, once something is: on a busy machine an analysis may take longer than a hover waits for it."""
        async with asyncio.timeout(HANGS_SECONDS):
            while not (said := await self.hover_once(words, text)):
                await asyncio.sleep(0.01)
        return said

    async def hover_settles(self, words: str, heading: str) -> None:
        """Wait until that is said of the words for the text as it stands."""
        async with asyncio.timeout(HANGS_SECONDS):
            while STALE in (said := await self.hover(words)) or said.split("\n")[0] != heading:
                await asyncio.sleep(0.01)


def new_client() -> Client:
    client = Client()

    @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def published(params: lsp.PublishDiagnosticsParams) -> None:
        client.published[params.uri] = params

    @client.feature("helion/status")
    def status(params: Any) -> None:
        client.states.append(params.state)

    @client.feature("helion/previewChanged")
    def preview_changed(params: Any) -> None:
        client.previews.append(params.uri)

    @client.feature(lsp.WORKSPACE_APPLY_EDIT)
    def apply(params: lsp.ApplyWorkspaceEditParams) -> lsp.ApplyWorkspaceEditResult:
        if client.refused_edits:
            client.refused_edits -= 1
            return lsp.ApplyWorkspaceEditResult(applied=False, failure_reason="the text moved on")
        client.edits.append(params)
        return lsp.ApplyWorkspaceEditResult(applied=True)

    @client.feature(lsp.WINDOW_WORK_DONE_PROGRESS_CREATE)
    def create(params: lsp.WorkDoneProgressCreateParams) -> None:
        client.tokens.append(params.token)

    @client.feature(lsp.PROGRESS)
    def progress(params: Any) -> None:
        message = str(getattr(params.value, "message", None) or params.value)
        client.progress.append(message)
        client.on_progress(message)

    return client


@pytest.fixture
def drive(tmp_path: Path) -> Callable[..., None]:
    """Run a scenario against a fresh server; `ready` waits for the worker first, `before` sees the client before it says anything."""

    def run(
        scenario: Callable[[Client], Awaitable[None]],
        *,
        ready: bool = True,
        command: tuple[str, ...] = (sys.executable, "-m", "helion_lsp"),
        capabilities: lsp.ClientCapabilities | None = None,
        folders: Sequence[Path] = (),
        before: Callable[[Client], object] = lambda client: None,
        **options: Any,
    ) -> None:
        async def session() -> None:
            client = new_client()
            client.temporary = tmp_path
            before(client)
            await client.start_io(*command, env={**os.environ, "TMPDIR": str(tmp_path)})
            window = lsp.WindowClientCapabilities(work_done_progress=True)
            offered = capabilities or lsp.ClientCapabilities(window=window)
            opened = [lsp.WorkspaceFolder(uri=folder.as_uri(), name=folder.name) for folder in folders]
            params = lsp.InitializeParams(offered, initialization_options=options, workspace_folders=opened or None)
            client.offered = (await client.initialize_async(params)).capabilities
            client.initialized(lsp.InitializedParams())
            try:
                if ready:
                    await client.until(lambda: "ready" in client.states)
                await scenario(client)
            finally:
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(client.shutdown_async(None), 10)
                    client.exit(None)
                await client.stop()

        asyncio.run(asyncio.wait_for(session(), HANGS_SECONDS))

    return run
