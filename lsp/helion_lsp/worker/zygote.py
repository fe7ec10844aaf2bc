"""The zygote: imports torch and the compiler once, then forks a worker for every connection that the front sends it.

`python -m helion_lsp.worker.zygote FD`, where FD is a Unix socket: each message on it carries the descriptor of a new worker's connection.
It ends when that socket does. It starts no thread and runs nothing of torch, which is what makes its forks sound.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import traceback
from typing import Any

from helion_lsp.worker.serve import announce, first_line, load, private_streams, serve, why_not_loaded


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    try:
        methods = load()
    except Exception as problem:  # noqa: BLE001 - whatever an import raises is told to who waits for the worker
        traceback.print_exc()
        refuse_worker(control, why_not_loaded(problem))
        sys.exit(1)
    fork_workers(control, methods)


def refuse_worker(control: socket.socket, words: str) -> None:
    """Tell who asked for the first worker why there will be none."""
    _, descriptors, _, _ = socket.recv_fds(control, 16, 1)
    with socket.socket(fileno=descriptors[0]) as connection:
        connection.sendall(first_line(failed=words).encode())


def fork_workers(control: socket.socket, methods: Any) -> None:
    """One for every connection that arrives, until the socket that they arrive on ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the children
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
        if not message:
            return
        if os.fork() == 0:
            control.close()
            become_worker(descriptors[0], methods)
        os.close(descriptors[0])


def become_worker(connection: int, methods: Any) -> None:
    """Serve one connection in a process group of its own, then end."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(connection, 0)
    os.dup2(connection, 1)
    os.close(connection)
    code = 1
    try:
        requests, answers = private_streams()
        announce(answers, methods)
        serve(requests, answers, methods)
        code = 0
    except Exception:  # noqa: BLE001 - the process ends here, and nothing above it says why
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
