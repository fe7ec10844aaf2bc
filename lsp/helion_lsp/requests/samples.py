"""The signature that a kernel is looked at with: what there is to choose from, and the choice; hovers and previews follow it."""

from __future__ import annotations

import asyncio
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from helion_lsp.front.server import HelionServer
from helion_lsp.front.worker_client import WorkerUnavailable

_ASKED_SECONDS = 120.0


async def on_signatures(ls: HelionServer, params: Any) -> list[dict[str, Any]]:
    """`helion/signatures` {uri, kernel}: [{origin, notation, label, chosen}], the first what the text says, with notation null."""
    document = ls.documents.documents.get(params.uri)
    if document is None or not ls.trusted:
        return []
    try:
        found = await ls.worker.request("signatures", document.path, document.file.text, {"kernel": params.kernel, "folders": ls.folders})
    except WorkerUnavailable:
        return []
    chosen = document.samples.get(params.kernel)
    return [{**entry, "chosen": entry["notation"] == chosen} for entry in found]


async def choose_signature(ls: HelionServer, uri: str, kernel: str, *given: Any) -> dict[str, Any]:
    """Command `helion.chooseSignature` uri, kernel, signature?: `{signature, problem}`.

    Null goes back to what the text says; left out, the user is asked, by a message with a button a signature.
    """
    document = ls.documents.documents.get(uri)
    if document is None:
        return {"signature": None, "problem": "the document is not open"}
    signature = given[0] if given else await _asked(ls, uri, kernel, document.samples.get(kernel))
    await ls.documents.choose_sample(document, kernel, signature or None)
    await ls.refresh()
    ls.previews_changed(uri)
    view = document.view()
    keys = [] if view is None else [k["key"] for k in view.kernels() if k["name"] == kernel]
    problem = next((view.details[key]["problem"] for key in keys if view is not None and key in view.details), None)
    return {"signature": document.samples.get(kernel), "problem": problem}


async def _asked(ls: HelionServer, uri: str, kernel: str, chosen: str | None) -> str | None:
    """What the user picks; what was chosen before where they do not."""
    document = ls.documents.documents[uri]
    try:
        found: list[dict[str, Any]] = await ls.worker.request(
            "signatures", document.path, document.file.text, {"kernel": kernel, "folders": ls.folders}
        )
        titles = {f"{entry['origin']}: {entry['notation'] or entry['label']}": entry["notation"] for entry in found}
        actions = [lsp.MessageActionItem(title=title) for title in titles]
        asked = lsp.ShowMessageRequestParams(lsp.MessageType.Info, f"Look at {kernel} with which arguments?", actions)
        answer = await asyncio.wait_for(ls.window_show_message_request_async(asked), _ASKED_SECONDS)
    except (WorkerUnavailable, TimeoutError, JsonRpcException):
        return chosen
    return titles.get(answer.title, chosen) if answer is not None else chosen
