"""Modules in, children that have them imported already out: one process imports them once and forks a child for each that is asked for.

That process (`helion.offline.serve_forks`) starts no thread and touches no GPU, which is what makes its forks sound. It has a watchdog as
any spawned child has, ends the group of every child of its own when this process is gone, and no child outlives it.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from helion.offline.process import REAP_SECONDS, Child, StartChild, python_command, spawning

_MESSAGE_BYTES = 4096


class ForkServer:
    """Starts when it is first needed or told to, and again after it has died. Safe under threads; a process that was forked off this
    one needs its own."""

    def __init__(self, *modules: str) -> None:
        """Each module has `prepare()`, called once before anything is forked, and `main(arguments)`, which a child runs: the last of
        `arguments` is the number of its connection's file descriptor."""
        self._modules = modules
        self._lock = threading.RLock()
        self._process: Child | None = None
        self._control: socket.socket | None = None
        self._is_ready = False
        self._imported: set[str] = set()
        self._forked = 0
        self._children: dict[int, _ForkedChild] = {}

    def start(self) -> None:
        """Begin to import, if that has not begun; does not wait for it."""
        with self._lock:
            self._receive(0.0)
            if self._control is None:
                self._start()

    def import_too(self, module: str) -> None:
        """Have one module more imported by the children to come; starts the server, and does not wait for it."""
        with self._lock:
            self.start()
            if module not in self._imported:
                self._imported.add(module)
                self._send({"import": module})

    def forking(self, module: str) -> StartChild:
        """Children that run one of the modules. Where forks are not sound, on other systems than Linux, each imports for itself."""
        if sys.platform != "linux":
            return spawning(python_command(module))
        return lambda connection, output: self._fork(module, connection, output)

    def close(self) -> None:
        """End it, and every child with it; idempotent."""
        with self._lock:
            process, self._process = self._process, None
            for child in list(self._children.values()):
                child.end()
            self._lose()
            if process is not None:
                process.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        if self._process is not None:
            self._process.end()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, Path(os.devnull).open("wb") as nowhere:
            command = python_command("helion.offline.serve_forks", *self._modules)
            self._process = spawning(command, has_groups=True)(theirs.fileno(), nowhere.fileno())
        self._control = ours
        self._is_ready = False

    def _fork(self, module: str, connection: int, output: int) -> Child:
        with self._lock:
            self.start()
            self._forked += 1
            child = self._children[self._forked] = _ForkedChild(self, self._forked)
            self._send({"fork": child.number, "module": module}, (connection, output))
            return child

    def _send(self, message: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
        assert self._control is not None
        try:
            socket.send_fds(self._control, [json.dumps(message).encode()], descriptors)
        except OSError:
            self._lose()

    def end_child(self, child: _ForkedChild) -> None:
        """Waits for its end, unless there is no such process yet: then it will be ended as soon as there is."""
        with self._lock:
            self._receive(0.0)
            if child.number not in self._children or self._control is None:
                return
            self._send({"end": child.number})
            if self._is_ready:
                self.wait_for(child, REAP_SECONDS)

    def wait_for(self, child: _ForkedChild, seconds: float) -> None:
        """Until the child has ended or so much time has passed."""
        deadline = time.monotonic() + seconds
        with self._lock:
            while child.number in self._children and self._control is not None and time.monotonic() < deadline:
                self._receive(deadline - time.monotonic())

    def _receive(self, seconds: float) -> None:
        """Take note of what the server has said, waiting so long for something."""
        while self._control is not None and select.select([self._control], [], [], max(0.0, seconds))[0]:
            try:
                data = self._control.recv(_MESSAGE_BYTES)
            except OSError:
                data = b""
            if not data:
                self._lose()
                return
            message = json.loads(data)
            self._is_ready = True
            if "ended" in message:
                self._children.pop(message["ended"]).code = message["code"]
            seconds = 0.0

    def _lose(self) -> None:
        """The server is gone, and its children with it."""
        if self._control is not None:
            self._control.close()
        self._control = None
        self._is_ready = False
        self._imported.clear()
        self._children.clear()


@dataclass
class _ForkedChild:
    """`code` is its exit code once it is known."""

    server: ForkServer
    number: int
    code: int | None = None

    def end(self) -> None:
        self.server.end_child(self)

    def exit_code(self, seconds: float) -> int | None:
        self.server.wait_for(self, seconds)
        return self.code
