"""A worker without torch: answers like the real one, and misbehaves when a text says so."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import time
from typing import Any

from helion_lsp.worker import serve as worker


class FakeRequests:
    """`DIE` kills the process, `SEGV` makes it touch memory that is not its own, `EAT` asks for more memory than there is, `HANG` never
    answers, `FAIL` raises, `PRINT` writes to standard output, `MUMBLE` gives an answer that is none."""

    has_gpu = False

    def __init__(self, answers: int) -> None:
        self._answers = answers

    def answer(self, request: dict[str, Any], checking: Any) -> Any:
        text = request["text"]
        key = f"kernel of {text}"
        if "PRINT" in text:
            print("a stray print")
            os.write(1, b"a stray write\n")
        if key in request["params"].get("quarantined", ()):
            return {"skipped": key}
        checking(key)
        if "DIE" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "SEGV" in text:
            ctypes.string_at(0)
        if "EAT" in text:
            resource.setrlimit(resource.RLIMIT_AS, (1 << 30, resource.RLIM_INFINITY))
            return {"text": "x" * (2 << 30)}
        if "MUMBLE" in text:
            os.write(self._answers, text.encode() + b"\n")
        if "HANG" in text:
            time.sleep(3600)
        if "FAIL" in text:
            raise RuntimeError("a bug")
        return {"text": text}


if __name__ == "__main__":
    if "never-start" in sys.argv:
        sys.exit(3)
    requests, answers = worker.private_streams()
    answers.write(json.dumps({"ready": True, "has_gpu": False}) + "\n")
    worker.serve(requests, answers, FakeRequests(answers.fileno()))
