"""A server and two streams in, messages from the one and answers on the other until the client leaves; knows no message."""

from __future__ import annotations

import asyncio
import logging
import re
from io import BytesIO
from threading import Event
from typing import BinaryIO

from pygls.io_ import StdoutWriter, run_async
from pygls.lsp.server import LanguageServer

_LENGTH = re.compile(rb"^Content-Length: (\d+)\r\n$")
_LOGGER = logging.getLogger(__name__)


def serve_on(server: LanguageServer, source: BinaryIO, sink: BinaryIO) -> None:
    """What `start_io` of pygls does, which takes three trips to the reader's thread a message: two lines and the body."""
    server.protocol.set_writer(StdoutWriter(sink))
    reader = MessageReader(server, source)
    try:
        asyncio.run(run_async(Event(), reader, server.protocol, _LOGGER, server.report_server_error))
    except BrokenPipeError:
        _LOGGER.error("the client has gone away")
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        server.shutdown()


class MessageReader:
    """A blocking stream as pygls reads one: a message is read whole in the server's thread and given out in the parts asked for."""

    def __init__(self, server: LanguageServer, source: BinaryIO) -> None:
        self._server = server
        self._source = source
        self._message = BytesIO()

    async def readline(self) -> bytes:
        """The next line with its end; nothing at the end of the stream."""
        line = self._message.readline()
        if line:
            return line
        found = await asyncio.get_running_loop().run_in_executor(self._server.thread_pool, self._read_message)
        self._message = BytesIO(found)
        return self._message.readline()

    async def readexactly(self, n: int) -> bytes:
        return self._message.read(n)

    def _read_message(self) -> bytes:
        """The lines up to an empty one and the body they announce; what there is, where the stream ends before."""
        lines: list[bytes] = []
        length = 0
        while line := self._source.readline():
            lines.append(line)
            if not length and (announced := _LENGTH.fullmatch(line)):
                length = int(announced[1])
            if not line.strip():
                return b"".join((*lines, self._source.read(length)))
        return b"".join(lines)
