"""A document's diagnostics in a range in, the view of it that has their guessed fixes out: the worker tries them when somebody asks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace

from helion_lsp.features.diagnostics import guessed_at
from helion_lsp.features.view import TriedKey, View
from helion_lsp.front.worker_client import WorkerClient, WorkerUnavailable
from helion_lsp.front.workspace import Document


class TriedFixes:
    """What a document's kernels were found to be mended by is kept as long as they stay what they are.

    The worker makes one try a request, and one at a time whoever asks, so that an edit or a hover waits for no more than that.
    """

    def __init__(self, worker: WorkerClient) -> None:
        self._worker = worker
        self._turn = asyncio.Lock()

    async def within(self, document: Document, view: View, start: int, end: int, seconds: float) -> View:
        """What is not known in time, or not before the text changes, is left out, and gone on with when it is asked for again; so is what
        the worker would be asked for while it is starting, or has not seen this text yet."""
        with contextlib.suppress(WorkerUnavailable, TimeoutError):
            async with asyncio.timeout(seconds):
                for key, wanted in guessed_at(view, start, end).items():
                    await self._try(document, view, key, wanted)
        return replace(view, tried=document.tried)

    async def _try(self, document: Document, view: View, key: str, wanted: Sequence[TriedKey]) -> None:
        file = document.file
        while not view.is_stale and document.file is file and self._worker.is_ready:
            async with self._turn:
                left = [one for one in wanted if one not in document.tried]
                if not left:
                    return
                params = {"key": key, "diagnostics": [one[1:] for one in left], "quarantined": self._worker.quarantined}
                answer = await self._worker.request("tried", document.path, file.text, params)
            if answer is None:
                return
            new = {one: fixes for one, fixes in zip(left, answer, strict=True) if fixes is not None}
            keys = {kernel["key"] for kernel in view.kernels()}
            document.tried = {one: fixes for one, fixes in document.tried.items() if one[0] in keys} | new
