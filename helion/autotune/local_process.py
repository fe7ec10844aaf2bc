"""A measuring "process" that is this one: for kernels that no other process can import, at the price of what a bad candidate can do."""

from __future__ import annotations

import time
from multiprocessing.connection import Connection, Pipe
from typing import Any

from helion.autotune.serve_measurements import MeasurementServer, SubjectFactory


class LocalProcess:
    """Answers while sending. Deadlines cannot be kept here, and a crash is a crash."""

    def __init__(self, make_subject: SubjectFactory) -> None:
        self._server = MeasurementServer(make_subject)
        self._ours, self._theirs = Pipe()
        self._answer: Any = None
        self.deadline: float | None = None

    @property
    def is_busy(self) -> bool:
        return self.deadline is not None

    @property
    def connection(self) -> Connection:
        """Readable while an answer waits."""
        return self._ours

    def send(self, message: object, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        self._answer = self._server.answer(message)
        self._theirs.send_bytes(b"answered")

    def receive(self) -> Any:
        self._ours.recv_bytes()
        self.deadline = None
        return self._answer

    def request(self, message: object, seconds: float) -> Any:
        self.send(message, seconds)
        return self.receive()

    def close(self) -> None:
        """Forget the answer that waits, if one does."""
        if self.is_busy:
            self.receive()
