"""The worker process: imports torch and the compiler once, answers requests as JSON lines; stray prints go to standard error."""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from typing import Any


def main() -> None:
    """Read requests from standard input until it ends. The first line written says that the worker is ready."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    from helion_lsp.analysis import Analyzer  # noqa: PLC0415 - after standard output is out of reach of what is imported
    from helion_lsp.preview import preview  # noqa: PLC0415

    analyzer = Analyzer()
    gc.freeze()
    answers.write(json.dumps({"ready": True}) + "\n")
    for line in sys.stdin:
        request: dict[str, Any] = json.loads(line)
        answer: dict[str, Any] = {"id": request["id"]}
        try:
            if request["method"] == "analyse":
                answer["result"] = analyzer.analyse(request["path"], request["text"])
            else:
                answer["result"] = preview(request["path"], request["text"], request["params"])
        except Exception as problem:  # noqa: BLE001 - one bad document must not end the worker; the front shows what happened
            answer["error"] = f"{type(problem).__name__}: {problem}"
            traceback.print_exc()
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
