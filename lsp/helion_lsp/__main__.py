"""Starts the server on standard input and output; anything else that is printed goes to standard error."""

from __future__ import annotations

import gc
import importlib
import os
import sys

from helion_lsp.front.compiled_methods import compiled_methods


def main() -> None:
    """Keep a copy of standard output for the protocol, and point the original at standard error before anything else is imported."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    gc.disable()  # what is imported stays: to look through it again and again takes tens of milliseconds
    with compiled_methods("lsprotocol.types"):
        importlib.import_module("lsprotocol.types")
    server = importlib.import_module("helion_lsp.create_server").create_server()
    gc.freeze()
    gc.enable()
    importlib.import_module("helion_lsp.front.standard_io").serve_on(server, sys.stdin.buffer, out)


if __name__ == "__main__":
    main()
