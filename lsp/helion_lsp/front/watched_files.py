"""Files that change outside the editor in, checks of the open documents that they concern made again out: sidecars of locks, and sources.

The client watches where it can; elsewhere what changed shows after the next edit or save.
"""

from __future__ import annotations

from lsprotocol import types as lsp

from helion_lsp.front.protocol import path_of
from helion_lsp.front.registration import register
from helion_lsp.front.server import HelionServer, initialized

_SIDECAR = ".helion.lock"
_PATTERNS = (f"**/*{_SIDECAR}", "**/*.py")


async def on_initialized(ls: HelionServer, params: lsp.InitializedParams) -> None:
    """Nothing beside the documents is looked at without trust."""
    if ls.trusted:
        ls.keep(_watch(ls))
    await initialized(ls, params)


async def _watch(ls: HelionServer) -> None:
    workspace = ls.client_capabilities.workspace
    capability = None if workspace is None else workspace.did_change_watched_files
    watchers = [lsp.FileSystemWatcher(glob_pattern=pattern) for pattern in _PATTERNS]
    options = lsp.DidChangeWatchedFilesRegistrationOptions(watchers=watchers)
    await register(ls, "helion-watched-files", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, capability, options)


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
