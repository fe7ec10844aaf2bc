"""Codemods as code actions where they would change something, and every safe fix at once; kinds that a client asks for are honoured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types as lsp

from helion.source import SourceFile
from helion_lsp.worker.rewrites import fix_all, rewrites
from tests.lsp.conftest import URI, Client
from tests.lsp.test_hover import COPY, HEAD

CONFIG = "helion.Config(block_sizes=[8])"
SINGLE = f"{HEAD}@helion.kernel(config={CONFIG})\n{COPY}"
WRONG = SINGLE.replace(CONFIG, "helion.Config(block_sizes=[8], num_warp=2)")


def offered(text: str, kernel: str = "copy") -> set[str]:
    return {one["title"] for one in rewrites("copy.py", text, kernel)}


@pytest.mark.parametrize(
    ("text", "there", "absent"),
    [
        (SINGLE, "Key the configs of copy by device", "Remove locks of copy that change nothing"),
        (SINGLE.replace(f"config={CONFIG}", f"configs={{'sm_90': {CONFIG}}}"), "Turn the only lock", "Key the configs"),
        (SINGLE.replace(f"config={CONFIG}", f"configs={{'sm_90': {CONFIG}, '*': {CONFIG}}}"), "that change nothing", "Turn the only lock"),
        (SINGLE, "Write the shapes of copy as annotations", "Turn the"),
        (f"{HEAD}@helion.kernel\n{COPY}", "Write the shapes", "Remove all locks"),
    ],
)
def test_only_what_changes_something_is_offered(text: str, there: str, absent: str) -> None:
    titles = offered(text)
    assert any(there in title for title in titles)
    assert not any(absent in title for title in titles)


def test_broken_text_and_gone_kernels_are_left_alone() -> None:
    assert offered(SINGLE + "def f(:\n") == set()
    assert offered(SINGLE, "gone") == set()
    assert fix_all("copy.py", SINGLE)["edit"] is None


def edited(text: str, edit: lsp.WorkspaceEdit) -> str:
    """The text after an edit of one document."""
    (change,) = edit.document_changes or []
    assert isinstance(change, lsp.TextDocumentEdit)
    file = SourceFile("copy.py", text)
    for one in change.edits:
        assert isinstance(one, lsp.TextEdit)
        start, end = (file.offset_of_utf16_column(p.line, p.character) for p in (one.range.start, one.range.end))
        file = SourceFile("copy.py", file.text[:start] + one.new_text + file.text[end:])
    return file.text


async def actions(client: Client, at: lsp.Position, only: list[str] | None = None) -> list[lsp.CodeAction]:
    kinds: Any = only
    context = lsp.CodeActionContext(diagnostics=[], only=kinds)
    params = lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri=URI), lsp.Range(at, at), context)
    return [a for a in await client.text_document_code_action_async(params) or [] if isinstance(a, lsp.CodeAction)]


def test_actions_end_to_end(drive: Callable[..., None]) -> None:
    async def scenario(client: Client) -> None:
        client.open(SINGLE)
        await client.until(lambda: URI in client.published)
        name = client.position("copy(x", SINGLE)
        found = {a.title: a for a in await actions(client, name)}
        keyed = found["Key the configs of copy by device"]
        assert keyed.kind == lsp.CodeActionKind.RefactorRewrite
        assert keyed.command is not None
        await client.workspace_execute_command_async(lsp.ExecuteCommandParams(keyed.command.command, keyed.command.arguments))
        assert f'"*": {CONFIG}' in edited(SINGLE, client.edits[-1].edit)
        assert not any("Key the" in a.title for a in await actions(client, client.position("rows = x", SINGLE)))
        assert {a.kind for a in await actions(client, name, ["refactor"])} == {"refactor", "refactor.rewrite"}
        assert await actions(client, name, ["refactor.rew"]) == []
        assert {a.kind for a in await actions(client, name, ["source"])} == {"source"}
        assert await actions(client, name, ["source.fixAll"]) == [], "there is nothing to mend"

        await client.edit(WRONG)
        first = lsp.Position(0, 0)
        assert await actions(client, first) == []
        for only in ("source.fixAll", "source.fixAll.helion", "source"):
            (mend,) = await actions(client, first, [only])
            assert mend.kind == "source.fixAll.helion"
        assert mend.edit is not None
        mended = edited(WRONG, mend.edit)
        assert "num_warps=2" in mended
        assert await client.edit(mended) == []

    drive(scenario)
