"""A kernel of an open document in, a script that shows elsewhere what was observed here out; also where the checker itself fails."""

from __future__ import annotations

from typing import Any

from helion.locks.versions import current_versions
from helion.syntax.namesakes import kernel_of_editor
from helion.syntax.repro_text import Repro, facts, kept_keywords, with_config
from helion.syntax.tree import KernelSyntax
from helion_lsp.front.server import HelionServer
from helion_lsp.front.show_file import show_file
from helion_lsp.front.worker_client import WorkerUnavailable
from helion_lsp.front.workspace import Document
from helion_lsp.kernel_keys import kernel_keys


async def on_repro(ls: HelionServer, params: Any) -> dict[str, Any]:
    """`helion/repro` {uri, kernel, config?, target?, args?}: {text}, or {problem} where there is no kernel or the config does not fit."""
    given = {name: getattr(params, name, None) for name in ("config", "target", "args")}
    config = given["config"]
    if config is not None and not isinstance(config, str):
        given["config"] = dict(config._asdict())
    return await repro(ls, params.uri, params.kernel, given)


async def repro(ls: HelionServer, uri: str, kernel: str, given: dict[str, Any]) -> dict[str, Any]:
    document = ls.documents.documents.get(uri)
    if document is None:
        return {"problem": "the document is not open"}
    syntax = kernel_of_editor(document.module, kernel)
    key = next((key for one, key in kernel_keys(document.module) if one is syntax), None)
    if syntax is None or key is None:
        return {"problem": f"there is no kernel `{kernel}`"}
    if not ls.trusted:
        return {"text": _of_syntax(syntax, ["observed: nothing, since the workspace is not trusted"])}
    if key in ls.worker.quarantined:
        return {"text": _of_syntax(syntax, ["observed: the process that checks this kernel ended, three times"])}
    asked = {"kernel": kernel, **_defaults(ls, document, kernel), **{name: value for name, value in given.items() if value is not None}}
    try:
        return await ls.worker.request("repro", document.path, document.file.text, asked)
    except WorkerUnavailable as problem:
        return {"text": _of_syntax(syntax, [f"observed: {problem}"])}


def _defaults(ls: HelionServer, document: Document, kernel: str) -> dict[str, Any]:
    return {"args": document.samples.get(kernel), "target": ls.options.get("target")}


def _of_syntax(kernel: KernelSyntax, observed: list[str]) -> str:
    """What the text alone says: the kernel with what it needs, which nobody could look at any closer."""
    comments = [*facts(kernel, current_versions(), None), *observed]
    return Repro(kernel, None).script(with_config(kernel, None), comments=comments, named=kept_keywords(kernel).values())


async def show_repro(ls: HelionServer, uri: str, kernel: str) -> dict[str, Any]:
    """Command `helion.showRepro`, for clients that have no other use for it: the script as a plain file, shown by the client."""
    found = await repro(ls, uri, kernel, {})
    if "text" not in found:
        return found
    path = ls.preview_folder() / f"{kernel}_repro.py"
    path.write_text(found["text"], encoding="utf-8")
    await show_file(ls, path, take_focus=True)
    return {"path": str(path), **found}
