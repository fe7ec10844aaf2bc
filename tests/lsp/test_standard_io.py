"""A message is read whole, however its bytes arrive, and given out as pygls asks for it."""

from __future__ import annotations

import asyncio
import io
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from helion_lsp.front.standard_io import MessageReader

FIRST = b'Content-Length: 11\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{"id":"\xc3\xa9"}'
SECOND = b"Content-Length: 2\r\n\r\n{}"


class _Server:
    def __init__(self) -> None:
        self.thread_pool = ThreadPoolExecutor(1)
        self.trips = 0
        submit = self.thread_pool.submit

        def counted(*args: Any) -> Any:
            self.trips += 1
            return submit(*args)

        self.thread_pool.submit = counted  # type: ignore[method-assign]


async def _messages(reader: MessageReader) -> list[bytes]:
    """As `run_async` of pygls reads them."""
    found: list[bytes] = []
    length = 0
    while header := await reader.readline():
        if header.startswith(b"Content-Length"):
            length = int(header.split(b":")[1])
        elif not header.strip() and length:
            found.append(await reader.readexactly(length))
            length = 0
    return found


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (FIRST + SECOND, [b'{"id":"\xc3\xa9"}', b"{}"]),
        (b"\r\n" + SECOND, [b"{}"]),
        (b"nonsense\r\n\r\n" + SECOND, [b"{}"]),
        (FIRST[:20], []),
        (FIRST[:-3], [b'{"id":"\xc3']),
        (b"", []),
    ],
)
def test_messages_of_a_stream(stream: bytes, expected: list[bytes]) -> None:
    reader = MessageReader(cast("Any", _Server()), io.BytesIO(stream))
    assert asyncio.run(_messages(reader)) == expected


def test_a_message_is_one_trip_to_the_thread_though_its_bytes_come_one_by_one() -> None:
    server = _Server()
    source, sink = os.pipe()

    async def both() -> list[bytes]:
        reading = asyncio.ensure_future(_messages(MessageReader(cast("Any", server), os.fdopen(source, "rb"))))
        for byte in FIRST + SECOND:
            os.write(sink, bytes([byte]))
            await asyncio.sleep(0)
        os.close(sink)
        return await reading

    assert asyncio.run(both()) == [b'{"id":"\xc3\xa9"}', b"{}"]
    assert server.trips == 3, "the two messages, and the end"
