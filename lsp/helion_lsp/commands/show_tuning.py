"""The command "show tuning", for clients without a panel of their own: the report of a kernel's tuning as a page, opened by the client."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from lsprotocol import types as lsp

from helion_lsp.front.server import HelionServer
from helion_lsp.front.show_file import show_file


async def show_tuning(ls: HelionServer, uri: str, kernel: str) -> dict[str, Any]:
    """`{path}` of the page, or `{message}` where there is nothing to show; the command line writes it."""
    document = ls.documents.documents.get(uri)
    if document is None or not ls.trusted:
        return _told(ls, "the document is not open" if ls.trusted else "the workspace is not trusted")
    kept = [found for found in await ls.tuned.of(document, kernel) if found.log is not None and found.log.is_file()]
    log = kept[0].log if kept else None
    if log is None:
        return _told(ls, f"{kernel} has no recorded tuning yet")
    path = ls.preview_folder() / f"{kernel}.tuning.html"
    command = (sys.executable, "-P", "-m", "helion", "report", str(log), "--out", str(path))
    nothing, pipe = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=nothing, stdout=nothing, stderr=pipe)
    _, problem = await process.communicate()
    if process.returncode != 0:
        return _told(ls, problem.decode(errors="replace").strip())
    await show_file(ls, path, external=True)
    return {"path": str(path)}


def _told(ls: HelionServer, message: str) -> dict[str, Any]:
    ls.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Info, message))
    return {"message": message}
