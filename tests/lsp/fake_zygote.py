"""A zygote without torch, whose workers are those of `fake_worker`."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from helion_lsp.worker.zygote import fork_workers

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.lsp.fake_worker import FakeRequests

if __name__ == "__main__":
    if "never-start" in sys.argv:
        sys.exit(3)
    fork_workers(socket.socket(fileno=int(sys.argv[-1])), FakeRequests(1))
