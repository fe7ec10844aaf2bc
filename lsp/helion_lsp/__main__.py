"""Starts the server on standard input and output; anything else printed goes to standard error."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Keep a copy of standard output for the protocol, and point the original at standard error."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    from helion_lsp.server import server  # noqa: PLC0415 - after standard output is out of reach of stray prints

    server.start_io(sys.stdin.buffer, out)


if __name__ == "__main__":
    main()
