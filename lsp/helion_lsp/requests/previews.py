"""Requests for previews in, texts from a worker out: as an answer, as a virtual document, or as a plain file that the client shows."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from helion.types.untyped import is_mapping, is_sequence
from helion_lsp.features.preview_diff import preview_diff
from helion_lsp.front.protocol import preview_of_uri, preview_uri
from helion_lsp.front.pygls_fixes import PREVIEW_SCHEME
from helion_lsp.front.server import CLIENT_SECONDS, HelionServer
from helion_lsp.front.show_file import show_file, show_uri
from helion_lsp.front.worker_client import WorkerUnavailable

_COMPILED = frozenset({"ptx", "resources"})
_CHOICES = ("config", "target", "args")
_log = logging.getLogger(__name__)


async def on_preview(ls: HelionServer, params: Any) -> dict[str, Any]:
    """`helion/preview` {uri, kernel, kind, config?, target?, args?}: {text, languageId, sourceMap, title, estimated, previewUri}."""
    return await preview(ls, _asked(params))


async def on_preview_diff(ls: HelionServer, params: Any) -> dict[str, Any]:
    """`helion/previewDiff` {uri, kernel, configs: [left, right], kind?, target?, args?}: {title, text, same, left, right}."""
    asked = _asked(params)
    configs = asked.pop("configs", None)
    if not is_sequence(configs) or len(configs) != 2:
        raise JsonRpcInvalidParams("`configs` are two, the left and the right one")
    names = [_text_of(config) for config in configs]
    left, right = [await preview(ls, {**asked, "config": config}) for config in names]
    found = preview_diff(left, right, (names[0], names[1]))
    return {"title": f"{asked['kernel']}: {names[0]} against {names[1]}", "left": left, "right": right, **found}


def _asked(params: Any) -> dict[str, Any]:
    asked: Any = _plain(params)
    if not (is_mapping(asked) and isinstance(asked.get("uri"), str) and isinstance(asked.get("kernel"), str)):
        raise JsonRpcInvalidParams("a preview is asked for by `uri` and `kernel`, which are texts")
    return dict(asked)


def _plain(value: Any) -> Any:
    """The named tuples that custom parameters arrive as, as dictionaries and lists."""
    if hasattr(value, "_asdict"):
        return {name: _plain(item) for name, item in value._asdict().items()}
    return [_plain(item) for item in value] if is_sequence(value) else value


def _text_of(config: Any) -> str:
    return config if isinstance(config, str) else json.dumps(config)


async def preview(ls: HelionServer, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The preview of a kernel of an open document; problems are its text."""
    data = {"kind": "triton", **{name: value for name, value in asked.items() if value is not None}}
    chosen = {name: _text_of(data[name]) for name in _CHOICES if data.get(name)}
    where = {"previewUri": preview_uri(PREVIEW_SCHEME, data["uri"], data["kernel"], data["kind"], chosen)}
    document = ls.documents.documents.get(data["uri"])
    if document is None:
        return {**_nothing(data["kernel"], "the document is not open"), **where}
    if not ls.trusted:
        return {**_nothing(data["kernel"], "no preview: the workspace is not trusted"), **where}
    if not data.get("args"):
        data["args"] = document.samples.get(data["kernel"])
    data["target"] = data.get("target") or ls.options.get("target")
    worker = ls.compiler if data["kind"] in _COMPILED else ls.worker
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
    ls.live_previews.was_read(params.uri, wanted["uri"])
    found = await preview(ls, wanted)
    return lsp.TextDocumentContentResult(text=found["text"])


async def read_again(ls: HelionServer, address: str) -> None:
    """Have the client ask for a virtual document once more."""
    try:
        asked = ls.workspace_text_document_content_refresh_async(lsp.TextDocumentContentRefreshParams(uri=address))
        await asyncio.wait_for(asked, CLIENT_SECONDS)
    except (TimeoutError, JsonRpcException) as problem:
        _log.info("the client does not read %s again: %s", address, problem)


async def show_preview(ls: HelionServer, uri: str, kernel: str, kind: str, *options: Any) -> Any:
    """Command `helion.showPreview`, `options` are {config?, target?, args?}: a virtual document where the client has them, else a file."""
    given: Mapping[str, Any] = options[0] if options and is_mapping(options[0]) else {}
    subject = {"uri": uri, "kernel": kernel, "kind": kind, **{name: given[name] for name in _CHOICES if given.get(name)}}
    workspace = ls.client_capabilities.workspace
    if workspace is not None and workspace.text_document_content is not None:
        found = await preview(ls, subject)
        await show_uri(ls, found["previewUri"], take_focus=False)
        return {"uri": found["previewUri"], "sourceMap": found["sourceMap"], "title": found["title"]}
    suffix = "triton.py" if kind == "triton" else f"{kind}.txt"
    path = ls.live_previews.file_of(ls.preview_folder(), kernel, suffix, subject)
    found = await write_preview(ls, path, subject)
    await show_file(ls, path, take_focus=False)
    return {"path": str(path), "sourceMap": found["sourceMap"], "title": found["title"]}


async def write_preview(ls: HelionServer, path: Path, subject: Mapping[str, Any]) -> dict[str, Any]:
    """The preview, which a file says now; one that would say the same is left alone, so that no editor reads it again."""
    found = await preview(ls, subject)
    if not path.exists() or path.read_text(encoding="utf-8") != found["text"]:
        path.write_text(found["text"], encoding="utf-8")
    return found


async def restart_worker(ls: HelionServer) -> None:
    """Command `helion.restartWorker`."""
    await ls.worker.restart()
