"""A connection and an open document in, how long it takes from a key until a diagnostic or a hover speaks of the new text out."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.lsp.connection import Connection
from benchmarks.lsp.places import Place, after, place_of


@dataclass
class OpenDocument:
    """A document that is edited one place at a time, with every edit taken back at the end."""

    connection: Connection
    uri: str
    text: str
    version: int = 1

    @property
    def identity(self) -> dict[str, Any]:
        return {"textDocument": {"uri": self.uri}}

    def replace(self, start: Place, end: Place, new: str) -> None:
        self.version += 1
        self.connection.change(self.uri, self.version, {"range": {"start": start, "end": end}, "text": new})

    @contextmanager
    def inserted_line(self, before: str) -> Generator[Callable[[str], Place]]:
        """A function that puts a statement into a line of its own above the words `before`, in place of what it put there last."""
        place = place_of(self.text, before)
        indent = " " * place["character"]
        start: Place = {"line": place["line"], "character": 0}
        below: Place = {"line": place["line"] + 1, "character": 0}
        self.replace(start, start, f"{indent}\n")
        written = ""

        def put(statement: str) -> Place:
            nonlocal written
            self.replace(place, after(place, written), statement)
            written = statement
            return place

        yield put
        self.replace(start, below, "")


def is_of(document: OpenDocument) -> Callable[[dict[str, Any]], bool]:
    return lambda params: params["uri"] == document.uri and params.get("version") in (None, document.version)


async def to_undefined_name(document: OpenDocument, before: str, rounds: int) -> list[float]:
    """Seconds from typing a name that is nowhere defined, a new one each time, until a diagnostic names it."""
    times: list[float] = []
    with document.inserted_line(before) as put:
        for count in range(rounds):
            name = f"undefined_{count}"
            began = time.perf_counter()
            put(f"value = {name}")
            times.append(await _until(document, lambda d, name=name: name in d["message"]) - began)
    return times


async def to_code(document: OpenDocument, before: str, statement: str, code: str, rounds: int) -> list[float]:
    """Seconds from typing a wrong statement until a diagnostic of that code; between rounds the text is right, and none comes twice."""
    times: list[float] = []
    with document.inserted_line(before) as put:
        for count in range(rounds):
            began = time.perf_counter()
            put(f"{statement}  # {count}")
            times.append(await _until(document, lambda d: d["code"] == code) - began)
            put(f"pass  # {count}")
            await document.connection.until_published(is_of(document))
    return times


async def _until(document: OpenDocument, holds: Callable[[dict[str, Any]], bool]) -> float:
    mine = is_of(document)
    return await document.connection.until_published(lambda params: mine(params) and any(holds(d) for d in params["diagnostics"]))


async def hover_after_edit(document: OpenDocument, before: str, words: str, rounds: int) -> list[float]:
    """Seconds of a hover that is sent right behind an edit of the same kernel; every answer must say something."""
    times: list[float] = []
    where = place_of(document.text, words)
    with document.inserted_line(before) as put:
        for count in range(rounds):
            put(f"value_{count} = {count}")
            seconds, answer = await document.connection.timed("textDocument/hover", {**document.identity, "position": where})
            times.append(seconds)
            assert answer is not None
    return times


async def warm_hovers(document: OpenDocument, words: tuple[str, ...], rounds: int) -> list[float]:
    """Seconds of hovers over a text that has not changed; every answer must say something."""
    where = [place_of(document.text, w) for w in words]
    times: list[float] = []
    for count in range(rounds):
        params = {**document.identity, "position": where[count % len(where)]}
        seconds, answer = await document.connection.timed("textDocument/hover", params)
        times.append(seconds)
        assert answer is not None, where[count % len(where)]
    return times
