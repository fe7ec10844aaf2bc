"""Previews that a client has as documents in, the same brought up to date out: once nobody types in their source, one after another.

A virtual document's client is told to read it again; a plain file is written again, which editors notice by themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

_PAUSE_SECONDS = 0.15


class LivePreviews:
    """`read_again` hears the address of a virtual document, `write` a file and what it is the preview of."""

    def __init__(self, read_again: Callable[[str], Awaitable[None]], write: Callable[[Path, Mapping[str, Any]], Awaitable[Any]]) -> None:
        self._read_again = read_again
        self._write = write
        self._virtual: dict[str, str] = {}
        self._files: dict[Path, Mapping[str, Any]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def was_read(self, address: str, source: str) -> None:
        """A client has a virtual document; `source` is the document that it is a preview of."""
        self._virtual[address] = source

    def file_of(self, folder: Path, stem: str, suffix: str, subject: Mapping[str, Any]) -> Path:
        """The file of one preview, always the same; another kernel of that name, or another config, has its own."""
        number, path = 1, folder / f"{stem}.{suffix}"
        while self._files.setdefault(path, dict(subject)) != subject:
            number += 1
            path = folder / f"{stem}-{number}.{suffix}"
        return path

    def changed(self, source: str) -> None:
        """A source's previews are not what they would be now."""
        task = self._tasks.pop(source, None)
        if task is not None:
            task.cancel()
        if source in self._virtual.values() or any(subject["uri"] == source for subject in self._files.values()):
            self._tasks[source] = asyncio.ensure_future(self._renew(source))

    def forget(self, source: str) -> None:
        """A source was closed: what it was shown as stays as it is."""
        self._virtual = {address: of for address, of in self._virtual.items() if of != source}
        self._files = {path: subject for path, subject in self._files.items() if subject["uri"] != source}
        self.changed(source)

    async def _renew(self, source: str) -> None:
        await asyncio.sleep(_PAUSE_SECONDS)
        for address, of in list(self._virtual.items()):
            if of == source:
                await self._read_again(address)
        for path, subject in list(self._files.items()):
            if subject["uri"] == source:
                await self._write(path, subject)

    def end(self) -> None:
        for task in self._tasks.values():
            task.cancel()
