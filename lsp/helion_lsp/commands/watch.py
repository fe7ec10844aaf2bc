"""The events of a tuning in, notices to the client out, not more often than somebody can see; what is new the client asks for itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from helion_lsp.front.heard_tunings import RUNNING, HeardTuning
from helion_lsp.front.remote_log import RemoteLog
from helion_lsp.front.server import HelionServer

_LEAST_SECONDS = 0.25


class Watch:
    """Follows the tunings of one command. A trial is told of at once, or when the time since the last notice is over."""

    def __init__(self, ls: HelionServer, uri: str, kernel: str, remote: RemoteLog | None = None) -> None:
        """`remote` keeps the log of what runs on another machine."""
        self._ls, self._uri, self._kernel, self._remote = ls, uri, kernel, remote
        self._told = 0.0
        self._later: asyncio.TimerHandle | None = None

    def hear(self, event: Mapping[str, Any]) -> None:
        event = event if self._remote is None else self._remote.hear(event)
        tuning = self._ls.tuned.heard.hear(self._uri, self._kernel, event)
        if tuning is None:
            return
        if tuning.state != RUNNING or event.get("event") == "started":
            self._tell(tuning)
        elif self._later is None:
            wait = max(0.0, self._told + _LEAST_SECONDS - time.monotonic())
            self._later = asyncio.get_running_loop().call_later(wait, self._tell, tuning)

    def end(self, state: str, message: str) -> None:
        """Nothing more is heard; a tuning that has its result keeps it."""
        tuning = self._ls.tuned.heard.end(self._uri, self._kernel, state, message)
        if tuning is not None:
            self._tell(tuning)

    def _tell(self, tuning: HeardTuning) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None
        self._told = time.monotonic()
        found = {"uri": self._uri, "kernel": self._kernel, "id": tuning.name, "state": tuning.state, "trials": len(tuning.trials)}
        self._ls.protocol.notify("helion/tuningProgress", found)
