"""A debugger's port in, where a program stops at a line and what its variables are out; speaks DAP, knows nothing of kernels."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SECONDS = 120.0


@dataclass(frozen=True)
class Stopped:
    """The innermost frame: its function, its line, its variables as the debugger shows them."""

    name: str
    line: int
    variables: dict[str, str]


class DebugClient:
    """One program that waits for a debugger."""

    def __init__(self, port: int) -> None:
        self._stream = _connected(port).makefile("rwb")
        self._sent = 0

    def stop_at(self, path: str, line: int) -> Stopped:
        """Lets the program run to a line for the first time."""
        self._call("initialize", adapterID="helion", pathFormat="path", linesStartAt1=True, columnsStartAt1=True)
        self._send("attach", justMyCode=True)
        self._wait(lambda message: message.get("event") == "initialized")
        self._call("setBreakpoints", source={"path": path}, breakpoints=[{"line": line}])
        self._call("configurationDone")
        thread = self._wait(lambda message: message.get("event") == "stopped")["body"]["threadId"]
        frame = self._call("stackTrace", threadId=thread)["stackFrames"][0]
        scope = self._call("scopes", frameId=frame["id"])["scopes"][0]
        found = self._call("variables", variablesReference=scope["variablesReference"])["variables"]
        return Stopped(frame["name"], frame["line"], {one["name"]: one["value"] for one in found})

    def close(self) -> None:
        self._stream.close()

    def _send(self, command: str, **arguments: Any) -> int:
        self._sent += 1
        text = json.dumps({"seq": self._sent, "type": "request", "command": command, "arguments": arguments}).encode()
        self._stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(text), text))
        self._stream.flush()
        return self._sent

    def _call(self, command: str, **arguments: Any) -> Any:
        sent = self._send(command, **arguments)
        answer = self._wait(lambda message: message.get("request_seq") == sent)
        assert answer["success"], answer
        return answer.get("body")

    def _wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while not wanted(message := self._read()):
            assert message.get("event") != "terminated", "the program ended first"
        return message

    def _read(self) -> dict[str, Any]:
        length = 0
        while header := self._stream.readline().strip():
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        return json.loads(self._stream.read(length))


def _connected(port: int) -> socket.socket:
    end = time.monotonic() + SECONDS
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port))
        except OSError:
            assert time.monotonic() < end, "nothing listens"
            time.sleep(0.05)
        else:
            connection.settimeout(SECONDS)
            return connection
