"""A worker without torch: answers like the real one, and misbehaves when a text says so."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any

from helion_lsp import worker


class FakeRequests:
    """`DIE` kills the process, `HANG` never answers, `FAIL` raises, `PRINT` writes to standard output."""

    has_gpu = False

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
    worker.serve(requests, answers, FakeRequests())
