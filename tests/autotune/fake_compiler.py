"""A compiling process without a compiler: it obeys the text of the module."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from helion.offline.artifact import Artifact, CompileFailure, InstructionFacts, LineMap
from helion.offline.occupancy import Occupancy
from helion.offline.process import connection_of_arguments
from helion.offline.worker import CompileRequest


def answer(request: CompileRequest) -> Artifact | CompileFailure:
    words = request.module.text.split()
    match words[0]:
        case "compile-hang":
            time.sleep(1000)
        case "compile-leak":
            child = subprocess.Popen(["sleep", "1000"])
            with open(words[1], "w", encoding="utf-8") as file:
                file.write(str(child.pid))
            time.sleep(1000)
        case "compile-abort":
            os.write(2, b"LLVM ERROR: cannot select\n")
            os.abort()
        case "compile-refuse":
            return CompileFailure("out-of-resources", "too much shared memory")
    if "refused-ahead" in words:
        return CompileFailure("triton", "only the device's own compiler takes this")
    facts = InstructionFacts(tensor_core=None, uses_tma=False, uses_async_copy=False, widest_global_access=16)
    return Artifact(
        target="sm_90",
        kernel_name="k",
        assembly="",
        binary=b"",
        registers=32,
        local_bytes=0,
        shared_memory=0,
        num_warps=4,
        num_stages=1,
        occupancy=Occupancy(16, 1.0, "warps"),
        instructions=facts,
        line_map=LineMap(()),
        source_map=(),
        compile_seconds=0.0,
    )


def main() -> None:
    connection = connection_of_arguments(sys.argv)
    while True:
        try:
            request = connection.recv()
        except EOFError:
            return
        connection.send(answer(request))


if __name__ == "__main__":
    main()
