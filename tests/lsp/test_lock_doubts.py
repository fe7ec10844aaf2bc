"""What is doubtful about locks, in the editor: severities, places, and commands that do away with each, end to end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from helion.locks.sidecar import read_entries, sidecar_path, sidecar_text
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion_lsp.features.diagnostics import diagnostics
from helion_lsp.features.view import UNCHANGED, View
from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.details import Details
from helion_lsp.worker.lock_changes import space_for_lock
from helion_lsp.worker.lock_evidence import text_evidence
from tests.lsp.conftest import Client
from tests.lsp.test_hover import COPY, HEAD

SIGNATURE = "bf16[64,128]"
POLICIES = "block_sizes=[8], load_eviction_policies=['first']"
LOCKED = f"{HEAD}@helion.kernel(configs={{'sm_90': {{'{SIGNATURE}': helion.Config({POLICIES})}}}})\n{COPY}"
EDITED = LOCKED.replace("        rows = ", "        first = x[tile, 0]\n        rows = ").replace("rows * 2", "rows * 2 + first[:, None]")
CONFIG = {"block_sizes": [8], "load_eviction_policies": ["first"]}


def measured(text: str, **more: Any) -> dict[str, Any]:
    """Evidence as a tuning of this text writes it."""
    (kernel,) = parse_module(SourceFile("copy.py", text)).kernels
    space = space_for_lock(kernel, "sm_90", SIGNATURE)
    assert space is not None
    lock = {"kernel": "copy", "device": "sm_90", "signature": SIGNATURE, "config": CONFIG}
    return {**lock, "method": "measured", "estimated": False, "us": 12.0, **text_evidence(kernel, space), **more}


def doubts(text: str, *entries: dict[str, Any], path: str = "copy.py") -> list[dict[str, Any]]:
    details = Details().details(path, text, {"session_locks": entries})
    view = View(Analyzer().analyse(path, text, session=entries), UNCHANGED, details["kernels"])
    return [dict(d) for d in diagnostics(view)]


def test_a_lock_that_is_as_it_was_measured_is_beyond_doubt() -> None:
    assert doubts(LOCKED, measured(LOCKED)) == []


@pytest.mark.parametrize(
    ("more", "code", "severity"),
    [
        ({"kernel_hash": "another"}, "lock-kernel-changed", "warning"),
        ({"versions": {"triton": "1.0"}}, "lock-versions-changed", "information"),
        ({"estimated": True, "method": "model"}, "lock-not-measured", "hint"),
    ],
)
def test_each_doubt_has_its_severity_and_stands_at_the_lock(more: dict[str, Any], code: str, severity: str) -> None:
    (found,) = doubts(LOCKED, measured(LOCKED, **more))
    assert (found["code"], found["severity"]) == (code, severity)
    start, end = found["span"]
    assert LOCKED[start:end] == f"'{SIGNATURE}'"
    assert any(c["command"] == "helion.tuneAndLock" and c["arguments"][1]["args"] == SIGNATURE for c in found["commands"])


def test_lists_that_stood_for_other_places_are_an_error() -> None:
    found = {d["code"]: d for d in doubts(EDITED, measured(LOCKED))}
    assert found.keys() == {"lock-does-not-fit", "lock-kernel-changed"}
    wrong = found["lock-does-not-fit"]
    assert wrong["severity"] == "error"
    assert "load x[tile, 0]" in wrong["message"]
    assert wrong["commands"][0]["arguments"] == ["remap", {"kernel": "copy"}]


def test_a_sidecar_that_makes_no_sense_blanks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "copy.py"
    sidecar_path(path).write_text('{"entries": [{"kernel": "copy", "device": "sm_90", "config": 3}]}', encoding="utf-8")
    analysis = Analyzer().analyse(str(path), LOCKED)
    assert analysis["kernels"][0]["hovers"]


async def _actions(client: Client, uri: str, at: lsp.Range, only: list[str] | None = None) -> list[lsp.CodeAction]:
    context = lsp.CodeActionContext(diagnostics=[], only=None if only is None else [lsp.CodeActionKind(k) for k in only])
    params = lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri=uri), at, context)
    return [a for a in await client.text_document_code_action_async(params) or [] if isinstance(a, lsp.CodeAction)]


async def _chosen(client: Client, uri: str, at: lsp.Range, words: str) -> Any:
    found = await _actions(client, uri, at)
    (action,) = [a for a in found if words in a.title] or pytest.fail(str([a.title for a in found]))
    assert action.command is not None
    return await client.workspace_execute_command_async(lsp.ExecuteCommandParams(action.command.command, action.command.arguments))


def test_an_edit_is_followed_by_remap_and_by_keeping(drive: Callable[..., None], tmp_path: Path) -> None:
    path = tmp_path / "copy.py"
    path.write_text(EDITED, encoding="utf-8")
    sidecar_path(path).write_text(sidecar_text([measured(LOCKED)]), encoding="utf-8")
    uri = path.as_uri()

    def codes(client: Client) -> set[Any]:
        return {d.code for d in client.published[uri].diagnostics} if uri in client.published else set()

    async def scenario(client: Client) -> None:
        item = lsp.TextDocumentItem(uri=uri, language_id="python", version=1, text=EDITED)
        client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=item))
        await client.until(lambda: codes(client) == {"lock-does-not-fit", "lock-kernel-changed"})
        wrong = next(d for d in client.published[uri].diagnostics if d.code == "lock-does-not-fit")
        answer = await _chosen(client, uri, wrong.range, "remap")
        assert answer["changed"], answer["message"]
        (params,) = client.edits
        (change,) = params.edit.document_changes or []
        assert isinstance(change, lsp.TextDocumentEdit)
        (edit,) = change.edits
        assert isinstance(edit, lsp.TextEdit)
        new = SourceFile(str(path), EDITED)
        start, end = (new.offset_of_utf16_column(p.line, p.character) for p in (edit.range.start, edit.range.end))
        text = EDITED[:start] + edit.new_text + EDITED[end:]
        assert 'load_eviction_policies=["", "first"]' in text.replace("'", '"')
        whole = lsp.TextDocumentContentChangeWholeDocument(text=text)
        document = lsp.VersionedTextDocumentIdentifier(uri=uri, version=2)
        client.text_document_did_change(lsp.DidChangeTextDocumentParams(text_document=document, content_changes=[whole]))
        path.write_text(text, encoding="utf-8")
        client.text_document_did_save(lsp.DidSaveTextDocumentParams(lsp.TextDocumentIdentifier(uri=uri)))
        # What is said of the text comes first; the sidecar follows the save.
        await client.until(lambda: codes(client) == {"lock-kernel-changed"} and "remapped" in read_entries(sidecar_path(path))[0])
        (entry,) = read_entries(sidecar_path(path))
        assert entry["config"]["load_eviction_policies"] == ["", "first"]
        (stale,) = client.published[uri].diagnostics
        assert stale.severity == lsp.DiagnosticSeverity.Warning
        assert (await _chosen(client, uri, stale.range, "Keep the config"))["accepted"]
        await client.until(lambda: codes(client) == set())
        (entry,) = read_entries(sidecar_path(path))
        assert (entry["us"], entry["method"]) == (12.0, "measured")
        assert "accepted" in entry

    drive(scenario)
