"""An analysed text in, the view that a code action has of it out: with the guessed fixes of its diagnostics, tried by the worker's part in
this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from helion.source import SourceFile
from helion_lsp.features.view import View
from helion_lsp.front.tried_fixes import TriedFixes
from helion_lsp.front.worker_client import WorkerClient
from helion_lsp.front.workspace import Document
from helion_lsp.worker import tried_fixes

_SECONDS = 600.0  # nothing is left out for want of time


@dataclass
class WorkerHere:
    """What the front asks of a worker's process; `asked` are the parameters of each request."""

    quarantined: Sequence[str] = ()
    is_ready: bool = True
    asked: list[dict[str, Any]] = field(default_factory=list)
    checking: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tried = tried_fixes.TriedFixes()

    async def request(self, method: str, path: str, text: str, params: dict[str, Any]) -> Any:
        assert method == "tried"
        self.asked.append(params)
        sent = json.loads(json.dumps(params))
        return json.loads(json.dumps(self._tried.tried(path, text, sent, self.checking.append)))


def front_of(worker: WorkerHere) -> TriedFixes:
    return TriedFixes(cast(WorkerClient, worker))


def opened(path: str, text: str, analysis: dict[str, Any]) -> Document:
    return Document("file:///f.py", path, 1, SourceFile(path, text), analysis, text)


def asked_everywhere(path: str, text: str, analysis: dict[str, Any]) -> View:
    document = opened(path, text, {**analysis, "kernels": [{"pending": False, **kernel} for kernel in analysis["kernels"]]})
    view = document.view()
    assert view is not None
    return asyncio.run(front_of(WorkerHere()).within(document, view, 0, len(text), _SECONDS))
