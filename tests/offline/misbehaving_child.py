"""A worker that answers, prints, hangs, aborts or leaks a child, as it is told."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence

from helion.offline.process import connection_of_arguments


def prepare() -> None:
    """Nothing has to be imported before children are forked."""


def main(arguments: Sequence[str]) -> None:
    connection = connection_of_arguments(arguments)
    while True:
        try:
            message = connection.recv()
        except EOFError:
            return
        match message:
            case "pid":
                connection.send(os.getpid())
            case "print":
                print("x" * 100_000, flush=True)
                connection.send("printed")
            case "leak":
                connection.send(subprocess.Popen(["sleep", "100"]).pid)
            case "hang":
                time.sleep(100)
            case "abort":
                os.write(2, b"LLVM ERROR: out of luck\n")
                os.abort()


if __name__ == "__main__":
    main(sys.argv)
