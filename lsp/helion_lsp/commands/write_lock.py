"""A config and its evidence in, one undoable edit of the decorator out; the evidence waits for the text to be saved."""

from __future__ import annotations

import asyncio
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from helion_lsp.commands.tuning import Tuned
from helion_lsp.front.protocol import versioned_edit
from helion_lsp.front.server import CLIENT_SECONDS, HelionServer, settle
from helion_lsp.front.worker_client import WorkerUnavailable

_ATTEMPTS = 3


async def write_lock(ls: HelionServer, uri: str, kernel: str, found: Tuned) -> dict[str, Any]:
    """Apply the edit to the text as it is now; computed again when the text moved on meanwhile."""
    outcome = f"{'estimated ' if found.estimated else ''}{found.microseconds:.1f} µs"
    told = {"estimated": found.estimated, "config": found.config, "device": found.device}
    params = {"kernel": kernel, "device": found.device, "signature": found.signature, "config": found.config, "evidence": found.evidence}
    for _ in range(_ATTEMPTS):
        document = ls.documents.documents.get(uri)
        if document is None:
            return {"locked": False, "message": "the document was closed", **told}
        file, version = document.file, document.version
        try:
            written = await ls.worker.request("lock", document.path, file.text, params)
        except WorkerUnavailable as problem:
            return {"locked": False, "message": f"the config could not be written: {problem}", **told}
        if "refused" in written:
            return {"locked": False, "message": f"the decorator was left as it is: {written['refused']}", **told}
        entry = written["entry"]
        if written["edit"] is None:
            ls.session_locks.add(uri, entry, written["replaced"])
            await settle(ls, document)
            return {"locked": True, "message": f"already locked for {found.device}, {outcome}", **told}
        # Before the edit, so that the first lens of the new text says how its config was found.
        ls.session_locks.add(uri, entry, written["replaced"])
        change = versioned_edit(uri, version, ls.columns.text_edits_of(file, [written["edit"]]))
        label = f"Lock config of {kernel} for {found.device} ({outcome})"
        try:
            answer = await asyncio.wait_for(
                ls.workspace_apply_edit_async(lsp.ApplyWorkspaceEditParams(edit=change, label=label)), CLIENT_SECONDS
            )
        except (TimeoutError, JsonRpcException) as problem:
            ls.session_locks.withdraw(uri, entry)
            words = "did not answer" if isinstance(problem, TimeoutError) else f"refused the edit: {problem}"
            return {"locked": False, "message": f"the editor {words}", **told}
        if answer is not None and answer.applied:  # pyright: ignore[reportUnnecessaryComparison]  # some clients answer null
            return {"locked": True, "message": f"locked for {found.device}, {outcome}", **told}
        ls.session_locks.withdraw(uri, entry)
    return {"locked": False, "message": "the editor did not apply the edit; nothing was written", **told}
