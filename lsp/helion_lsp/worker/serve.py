"""The worker process: imports torch and the compiler once, answers requests as JSON lines; stray prints go to standard error."""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import select
import sys
import traceback
from collections.abc import Iterator
from typing import Any

from helion_lsp.worker.library_pages import release_library_pages

_CAN_WAIT = os.name == "posix"  # elsewhere one cannot wait for a pipe and a clock at once
_MOMENT_SECONDS = 0.05
_REST_SECONDS = 3.0
_MUCH_GARBAGE = 100_000
_READ_BYTES = 1 << 16
REQUESTS = "helion_lsp.worker.answers"


class RequestLines:
    """The lines of a descriptor, which can be asked whether more of them wait."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._received = bytearray()

    def __iter__(self) -> Iterator[str]:
        while True:
            end = self._received.find(b"\n")
            if end >= 0:
                line = self._received[: end + 1].decode("utf-8")
                del self._received[: end + 1]
                yield line
            elif data := os.read(self._descriptor, _READ_BYTES):
                self._received += data
            else:
                return

    def is_quiet(self, seconds: float) -> bool:
        """Whether nothing waits, nor arrives in so many seconds."""
        return not self._received and not select.select([self._descriptor], [], [], seconds)[0]


def private_streams() -> tuple[RequestLines, io.TextIOBase]:
    """The pipe to the front under descriptors of our own; 0 becomes empty and 1 standard error, for whatever is imported later."""
    requests = RequestLines(os.dup(0))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return requests, answers


def serve(requests: RequestLines, answers: io.TextIOBase, methods: Any) -> None:
    """Answer until the requests end. Before a kernel is checked its key is sent, so that the front knows what a crash was about."""
    for line in requests:
        request: dict[str, Any] = json.loads(line)
        number = request["id"]

        def checking(key: str, number: int = number) -> None:
            answers.write(json.dumps({"id": number, "checking": key}) + "\n")

        answer: dict[str, Any] = {"id": number}
        try:
            answer["result"] = methods.answer(request, checking)
        except Exception as problem:  # noqa: BLE001 - one bad document must not end the worker; the front hears what happened
            answer["error"] = f"{type(problem).__name__}: {problem}"
            traceback.print_exc()
        answers.write(json.dumps(answer, default=str) + "\n")
        if _CAN_WAIT:
            collect_garbage(requests)


def collect_garbage(requests: RequestLines) -> None:
    """When nobody has asked anything for a moment, what is new; after a rest, everything, which takes longer than most answers."""
    gc.disable()
    if gc.get_count()[0] > _MUCH_GARBAGE or requests.is_quiet(_MOMENT_SECONDS):
        gc.collect(1)
        if requests.is_quiet(_REST_SECONDS):
            gc.collect()


def announce(answers: io.TextIOBase, methods: Any) -> None:
    """The first line written says that the worker is ready, and which process it is."""
    answers.write(first_line(ready=True, has_gpu=methods.has_gpu, pid=os.getpid()))


def first_line(**said: object) -> str:
    """`ready`, or why it has `failed` to load."""
    return json.dumps(said) + "\n"


def why_not_loaded(problem: Exception) -> str:
    """For the user, whose interpreter it is."""
    if isinstance(problem, ModuleNotFoundError) and problem.name:
        return f"{problem.name} is not installed for {sys.executable}"
    return f"{sys.executable} cannot load the checker: {type(problem).__name__}: {problem}"


def load() -> Any:
    """What answers requests, with all that it imports: half a million objects that stay, so that collecting meanwhile is a waste."""
    gc.disable()
    methods = importlib.import_module(REQUESTS).Requests()
    importlib.import_module("helion.device_ir.inductor")  # or the first kernel that needs it would wait for it
    gc.collect()
    gc.freeze()
    gc.enable()
    release_library_pages()
    return methods


def main() -> None:
    requests, answers = private_streams()
    try:
        methods = load()
    except Exception as problem:
        answers.write(first_line(failed=why_not_loaded(problem)))
        raise
    announce(answers, methods)
    serve(requests, answers, methods)


if __name__ == "__main__":
    main()
