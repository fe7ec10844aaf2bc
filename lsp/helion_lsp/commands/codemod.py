"""The command "apply a codemod": the text of an open document in, one undoable edit out; the file itself is the editor's to save."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from helion.types.untyped import is_mapping
from helion_lsp.front.protocol import versioned_edit
from helion_lsp.front.server import CLIENT_SECONDS, HelionServer, settle
from helion_lsp.front.worker_client import WorkerUnavailable
from helion_lsp.front.workspace import Document

_ATTEMPTS = 3


async def apply_codemod(ls: HelionServer, uri: str, name: str, options: Any = None) -> dict[str, Any]:
    """`{changed, message, notes}`. `name` is that of a codemod (`unlock`, `prune`, ...), `options` are its own, with `kernel` first of all.

    Computed again when the text moved on meanwhile. Nothing of the user's code is run.
    """
    given = dict(options) if is_mapping(options) else {}
    for _ in range(_ATTEMPTS):
        document = ls.documents.documents.get(uri)
        if document is None or not ls.trusted:
            return _told("the document is not open" if ls.trusted else "the workspace is not trusted")
        file, version = document.file, document.version
        params = {"name": name, "options": given, "session_locks": ls.session_locks.of(uri)}
        try:
            outcome = await ls.worker.request("codemod", document.path, file.text, params)
        except WorkerUnavailable as problem:
            return _told(f"{name} was not done: {problem}")
        if "refused" in outcome:
            return _told(f"the text was left as it is: {outcome['refused']}")
        if outcome["edit"] is None:
            await renew(ls, document, outcome.get("evidence", ()))
            return _told("there is nothing to change")
        # From now on the evidence of a lock that goes follows the text: gone when that is saved, back when an undo is.
        for entry in outcome.get("released", ()):
            ls.session_locks.add(uri, entry, None)
        change = versioned_edit(uri, version, ls.columns.text_edits_of(file, [outcome["edit"]]))
        try:
            applied = ls.workspace_apply_edit_async(lsp.ApplyWorkspaceEditParams(edit=change, label=f"Helion: {name}"))
            answer = await asyncio.wait_for(applied, CLIENT_SECONDS)
        except (TimeoutError, JsonRpcException) as problem:
            return _told("the editor did not answer" if isinstance(problem, TimeoutError) else f"the editor refused the edit: {problem}")
        if answer is not None and answer.applied:  # pyright: ignore[reportUnnecessaryComparison]  # some clients answer null
            await renew(ls, document, outcome.get("evidence", ()))
            return {"changed": True, "message": "; ".join(outcome["notes"]) or f"{name} is done", "notes": outcome["notes"]}
    return _told("the editor did not apply the edit; nothing was written")


async def renew(ls: HelionServer, document: Document, evidence: Sequence[Mapping[str, Any]]) -> None:
    """Know what a command found out about locks: `{entry, replaced}` each, which the sidecar says once the text with the lock is saved."""
    for found in evidence:
        ls.session_locks.add(document.uri, found["entry"], found["replaced"])
    if evidence:
        await settle(ls, document)
        await ls.documents.analyse_again(document)
        await ls.refresh()


def _told(message: str) -> dict[str, Any]:
    return {"changed": False, "message": message, "notes": []}
