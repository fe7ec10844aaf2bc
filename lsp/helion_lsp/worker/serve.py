"""The worker process: imports torch and the compiler once, answers requests as JSON lines; stray prints go to standard error."""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import traceback
from typing import Any

REQUESTS = "helion_lsp.worker.answers"


def private_streams() -> tuple[io.TextIOBase, io.TextIOBase]:
    """The pipe to the front under descriptors of our own; 0 becomes empty and 1 standard error, for whatever is imported later."""
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return requests, answers


def serve(requests: io.TextIOBase, answers: io.TextIOBase, methods: Any) -> None:
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


def announce(answers: io.TextIOBase, methods: Any) -> None:
    """The first line written says that the worker is ready, and which process it is."""
    answers.write(json.dumps({"ready": True, "has_gpu": methods.has_gpu, "pid": os.getpid()}) + "\n")


def main() -> None:
    requests, answers = private_streams()
    methods = importlib.import_module(REQUESTS).Requests()
    gc.collect()
    gc.freeze()
    announce(answers, methods)
    serve(requests, answers, methods)


if __name__ == "__main__":
    main()
