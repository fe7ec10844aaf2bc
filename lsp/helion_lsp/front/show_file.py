"""A file or a virtual document in, the client asked to show it; clients that cannot, or do not say, have it in the command's answer."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from helion_lsp.front.protocol import uri_of
from helion_lsp.front.server import CLIENT_SECONDS, HelionServer

_log = logging.getLogger(__name__)


async def show_file(ls: HelionServer, path: Path, *, external: bool | None = None, take_focus: bool | None = None) -> None:
    """`external` shows it outside the editor."""
    await show_uri(ls, uri_of(path), external=external, take_focus=take_focus)


async def show_uri(ls: HelionServer, uri: str, *, external: bool | None = None, take_focus: bool | None = None) -> None:
    window = ls.client_capabilities.window
    if window is None or window.show_document is None or not window.show_document.support:
        return
    try:
        shown = lsp.ShowDocumentParams(uri=uri, external=external, take_focus=take_focus)
        await asyncio.wait_for(ls.window_show_document_async(shown), CLIENT_SECONDS)
    except TimeoutError:
        _log.info("the client did not say whether it shows %s", uri)
    except JsonRpcException as problem:
        _log.info("the client does not show %s: %s", uri, problem)
