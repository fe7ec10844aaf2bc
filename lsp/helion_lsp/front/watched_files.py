"""Files that change outside the editor in, checks of the open documents that they concern made again out: sidecars of locks, and sources.

The client watches where it can; elsewhere what changed shows after the next edit or save.
"""

from __future__ import annotations

import asyncio
import logging

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from helion_lsp.front.protocol import path_of
from helion_lsp.front.server import CLIENT_SECONDS, HelionServer, initialized

_SIDECAR = ".helion.lock"
_PATTERNS = (f"**/*{_SIDECAR}", "**/*.py")
_log = logging.getLogger(__name__)


async def on_initialized(ls: HelionServer, params: lsp.InitializedParams) -> None:
    """Nothing beside the documents is looked at without trust."""
    if ls.trusted:
        ls.keep(_watch(ls))
    await initialized(ls, params)


async def _watch(ls: HelionServer) -> None:
    workspace = ls.client_capabilities.workspace
    can = None if workspace is None else workspace.did_change_watched_files
    if can is None or not can.dynamic_registration:
        return
    watchers = [lsp.FileSystemWatcher(glob_pattern=pattern) for pattern in _PATTERNS]
    options = lsp.DidChangeWatchedFilesRegistrationOptions(watchers=watchers)
    asked = lsp.Registration("helion-watched-files", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
    try:
        await asyncio.wait_for(ls.client_register_capability_async(lsp.RegistrationParams([asked])), CLIENT_SECONDS)
    except TimeoutError:
        _log.info("the client did not say whether it watches files")
    except JsonRpcException as problem:
        _log.info("the client does not watch files: %s", problem)


async def on_changed(ls: HelionServer, params: lsp.DidChangeWatchedFilesParams) -> None:
    """A source that is open says what its document does, saved or not; a sidecar is always the disk's."""
    if not ls.trusted:
        return
    is_shown = False
    opened = {document.path for document in ls.documents.documents.values()}
    for path in dict.fromkeys(path_of(change.uri) for change in params.changes):
        if path.endswith(_SIDECAR):
            source = path.removesuffix(_SIDECAR)
            is_shown = is_shown or source in opened
            await ls.neighbours.evidence_written(source)
        elif path not in opened:
            await ls.neighbours.written(path)
    if is_shown:
        await ls.refresh()
