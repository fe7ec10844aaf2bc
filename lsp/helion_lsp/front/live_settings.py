"""Changed settings in, what depends on them made and asked for again out: no server is started anew for them.

A client that can is asked to tell of its section; one that tells of a change without the settings is asked for them.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from helion.types.untyped import is_mapping
from helion_lsp.front import watched_files
from helion_lsp.front.registration import register
from helion_lsp.front.server import CLIENT_SECONDS, HelionServer, show_decisions
from helion_lsp.front.settings import SECTION, live_options

_log = logging.getLogger(__name__)


async def on_initialized(ls: HelionServer, params: lsp.InitializedParams) -> None:
    workspace = ls.client_capabilities.workspace
    capability = None if workspace is None else workspace.did_change_configuration
    options = lsp.DidChangeConfigurationRegistrationOptions(section=SECTION)
    ls.keep(register(ls, "helion-settings", lsp.WORKSPACE_DID_CHANGE_CONFIGURATION, capability, options))
    await watched_files.on_initialized(ls, params)


async def on_changed(ls: HelionServer, params: lsp.DidChangeConfigurationParams) -> None:
    """What the settings do not say any more is again what the server was started with."""
    settings = params.settings
    said = settings.get(SECTION, {}) if is_mapping(settings) else await _asked(ls)
    if said is None:
        return
    before, ls.options = ls.options, live_options(ls.initial_options, said)
    changed = {name for name in {*before, *ls.options} if before.get(name) != ls.options.get(name)}
    if "target" in changed:
        ls.documents.detail_again()
        for document in ls.documents.documents.values():
            ls.previews_changed(document.uri)
    if "decisions" in changed:
        await show_decisions(ls, bool(ls.options.get("decisions", False)))
    elif changed & {"inlayHints", "target"}:
        await ls.refresh()


async def _asked(ls: HelionServer) -> Any:
    """The client's section, where it answers."""
    workspace = ls.client_capabilities.workspace
    if workspace is None or not workspace.configuration:
        return None
    asked = lsp.ConfigurationParams(items=[lsp.ConfigurationItem(section=SECTION)])
    try:
        found = await asyncio.wait_for(ls.workspace_configuration_async(asked), CLIENT_SECONDS)
    except (TimeoutError, JsonRpcException) as problem:
        _log.warning("the settings are as before, the client did not say them: %s", problem)
        return None
    return found[0] if found else None
