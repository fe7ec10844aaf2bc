"""Requests for previews in, texts from a worker out: as an answer, as a virtual document, or as a plain file that the client shows."""

from __future__ import annotations

from typing import Any

from lsprotocol import types as lsp

from helion.types.untyped import is_sequence
from helion_lsp.features.preview_diff import preview_diff
from helion_lsp.front.protocol import preview_of_uri, preview_uri
from helion_lsp.front.pygls_fixes import PREVIEW_SCHEME
from helion_lsp.front.server import HelionServer
from helion_lsp.front.show_file import show_file
from helion_lsp.front.worker_client import WorkerUnavailable

_COMPILED = frozenset({"ptx", "resources"})


async def on_preview(ls: HelionServer, params: Any) -> dict[str, Any]:
    """`helion/preview` {uri, kernel, kind, config?, target?, args?}: {text, languageId, sourceMap, title, estimated, previewUri}."""
    return await preview(ls, _plain(params))


async def on_preview_diff(ls: HelionServer, params: Any) -> dict[str, Any]:
    """`helion/previewDiff` {uri, kernel, configs: [left, right], kind?, target?, args?}: {title, text, same, left, right}."""
    asked = _plain(params)
    names = [config if isinstance(config, str) else str(config) for config in asked.pop("configs")]
    left, right = [await preview(ls, {**asked, "config": config}) for config in names]
    found = preview_diff(left, right, (names[0], names[1]))
    return {"title": f"{asked['kernel']}: {names[0]} against {names[1]}", "left": left, "right": right, **found}


def _plain(value: Any) -> Any:
    """The named tuples that custom parameters arrive as, as dictionaries and lists."""
    if hasattr(value, "_asdict"):
        return {name: _plain(item) for name, item in value._asdict().items()}
    return [_plain(item) for item in value] if is_sequence(value) else value


async def preview(ls: HelionServer, data: dict[str, Any]) -> dict[str, Any]:
    """The preview of a kernel of an open document; problems are its text."""
    kind = data.setdefault("kind", "triton")
    where = {"previewUri": preview_uri(PREVIEW_SCHEME, data["uri"], data["kernel"], kind)}
    document = ls.documents.documents.get(data["uri"])
    if document is None:
        return {**_nothing(data["kernel"], "the document is not open"), **where}
    if not ls.trusted:
        return {**_nothing(data["kernel"], "no preview: the workspace is not trusted"), **where}
    if not data.get("args"):
        data["args"] = document.samples.get(data["kernel"])
    data["target"] = data.get("target") or ls.options.get("target")
    worker = ls.compiler if kind in _COMPILED else ls.worker
    if not worker.is_started:
        await worker.start()
    try:
        if worker is ls.compiler and ls.folders:
            # It has not heard what calls in other files say, on which the text of the other kinds rests.
            await worker.request("calls", document.path, document.file.text, {"folders": ls.folders})
        return {**await worker.request("preview", document.path, document.file.text, data), **where}
    except WorkerUnavailable as problem:
        return {**_nothing(data["kernel"], f"no preview: {problem}"), **where}


def _nothing(kernel: str, words: str) -> dict[str, Any]:
    return {"title": kernel, "text": f"# {words}\n", "languageId": "plaintext", "sourceMap": [], "estimated": False}


async def on_content(ls: HelionServer, params: lsp.TextDocumentContentParams) -> lsp.TextDocumentContentResult:
    """The text of a virtual document."""
    wanted = preview_of_uri(params.uri)
    if wanted is None:
        return lsp.TextDocumentContentResult(text=f"# not the address of a preview: {params.uri}\n")
    found = await preview(ls, dict(wanted))
    return lsp.TextDocumentContentResult(text=found["text"])


async def show_preview(ls: HelionServer, uri: str, kernel: str, kind: str) -> Any:
    """Command `helion.showPreview`, for clients without virtual documents: the preview as a plain file, shown by the client."""
    found = await preview(ls, {"uri": uri, "kernel": kernel, "kind": kind})
    path = ls.preview_folder() / f"{kernel}.{'triton.py' if found['languageId'] == 'python' else f'{kind}.txt'}"
    path.write_text(found["text"], encoding="utf-8")
    await show_file(ls, path, take_focus=False)
    return {"path": str(path), "sourceMap": found["sourceMap"], "title": found["title"]}


async def restart_worker(ls: HelionServer) -> None:
    """Command `helion.restartWorker`."""
    await ls.worker.restart()
