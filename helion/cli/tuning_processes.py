"""What the processes of one command are forked off: those that compile, and where something is measured, those that do."""

from __future__ import annotations

from helion.offline.fork_server import ForkServer
from helion.offline.worker import COMPILING

# The module that a measuring child runs.
MEASURING = "helion.runtime.measure_process"


def tuning_processes(*, measured: bool) -> ForkServer:
    """It begins to import at once, while the command reads its files."""
    server = ForkServer(COMPILING, MEASURING) if measured else ForkServer(COMPILING)
    server.start()
    return server
