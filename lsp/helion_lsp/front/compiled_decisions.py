"""Documents whose decisions are shown in, what compiled code does added to them out: in the background, a kernel at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from helion_lsp.front.worker_client import WorkerClient, WorkerUnavailable
from helion_lsp.front.workspace import Document


class CompiledDecisions:
    """`compiler` is a worker of its own, so that nothing waits for it. `shown` is called when a document has more to show."""

    def __init__(self, compiler: WorkerClient, target: Callable[[], Any], shown: Callable[[Document], None]) -> None:
        self._compiler = compiler
        self._target = target
        self._shown = shown
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def follow(self, document: Document) -> None:
        """See that what the document's details speak of is compiled; what is under way goes on, and then looks at the newest text."""
        task = self._tasks.get(document.uri)
        if task is None or task.done():
            self._tasks[document.uri] = asyncio.ensure_future(self._compile(document))

    async def _compile(self, document: Document) -> None:
        while (wanted := self._next(document)) is not None:
            name, full_key = wanted
            params = {"kernel": name, "target": self._target(), "sample": full_key[2] or None}
            try:
                if not self._compiler.is_started:
                    await self._compiler.start()
                found = await self._compiler.request("compiled", document.path, document.detailed_text, params)
            except WorkerUnavailable:
                return
            document.compiled[full_key] = found or []
            self._shown(document)

    def _next(self, document: Document) -> tuple[str, tuple[str, str, str]] | None:
        """A kernel that could be lowered and was not compiled yet; what is known of kernels that are gone is forgotten."""
        view = document.view()
        kernels = [] if view is None or view.is_stale or not document.has_details else list(view.kernels())
        if kernels:
            keys = {kernel["key"] for kernel in kernels}
            document.compiled = {key: found for key, found in document.compiled.items() if key[0] in keys}
        for kernel in kernels:
            full_key = self._key(document, kernel)
            if full_key not in document.compiled and _can_be_compiled(document, kernel):
                return kernel["name"], full_key
        return None

    def _key(self, document: Document, kernel: Mapping[str, Any]) -> tuple[str, str, str]:
        return kernel["key"], str(self._target() or ""), document.samples.get(kernel["name"]) or ""

    def of(self, document: Document) -> dict[str, list[Mapping[str, Any]]]:
        """What is known by now of each kernel, by its key."""
        view = document.view()
        return {} if view is None else {k["key"]: document.compiled.get(self._key(document, k), []) for k in view.kernels()}

    def end(self) -> None:
        for task in self._tasks.values():
            task.cancel()


def _can_be_compiled(document: Document, kernel: Mapping[str, Any]) -> bool:
    """Whether the details could lower it: others are not tried again."""
    details = (document.details or {}).get("kernels", {}).get(kernel["key"])
    return details is not None and details["config"] is not None
