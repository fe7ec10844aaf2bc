"""A worker in, what it says of the language out, asked for once; completion and signature help wait for it only briefly."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from helion_lsp.front.worker_client import WorkerClient, WorkerUnavailable

_log = logging.getLogger(__name__)


class LanguageClient:
    """The language's facts; they do not change while a server runs."""

    def __init__(self, worker: WorkerClient) -> None:
        self._worker = worker
        self._facts: dict[str, Any] | None = None
        self._task: asyncio.Task[None] | None = None

    async def facts(self, seconds: float) -> dict[str, Any] | None:
        """None while there is no worker that could have said them."""
        if self._facts is None and self._worker.is_ready:
            self.learn()
            if self._task is not None:
                await asyncio.wait([self._task], timeout=seconds)
        return self._facts

    def learn(self) -> None:
        """Ask, unless it is known or being asked for."""
        if self._facts is None and (self._task is None or self._task.done()):
            self._task = asyncio.ensure_future(self._ask())

    async def _ask(self) -> None:
        try:
            self._facts = await self._worker.request("language", "", "")
        except WorkerUnavailable as problem:
            _log.warning("no completions until the next request: %s", problem)
