"""A method that the client is to tell of in, whether it was asked to out; clients that cannot, refuse, or say nothing are left alone."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from helion_lsp.front.server import CLIENT_SECONDS, HelionServer

_log = logging.getLogger(__name__)


async def register(ls: HelionServer, identity: str, method: str, capability: Any, options: Any) -> None:
    """Where the client's `capability` for it says that servers may."""
    if capability is None or not capability.dynamic_registration:
        return
    asked = lsp.RegistrationParams([lsp.Registration(identity, method, options)])
    try:
        await asyncio.wait_for(ls.client_register_capability_async(asked), CLIENT_SECONDS)
    except TimeoutError:
        _log.info("the client did not say whether it tells of %s", method)
    except JsonRpcException as problem:
        _log.info("the client does not tell of %s: %s", method, problem)
