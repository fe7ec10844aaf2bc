"""A kernel in, the logs of its tunings on this machine out; where they are kept the command line says, once, since the server may not
import what reads the environment."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any

from helion.trials.record import logs_of

_SECONDS = 60.0
_MOST = 50
_log = logging.getLogger(__name__)


class TrialLogs:
    """The folder of the logs, asked for when it is first needed."""

    def __init__(self) -> None:
        self._folder: asyncio.Task[Path | None] | None = None

    async def of(self, kernel: str) -> list[Path]:
        """The newest first. The kernel's name is all that a log's name says: kernels of other files may be among them."""
        folder = await self.folder()
        return [] if folder is None else logs_of(folder, kernel.rpartition(".")[2])[:_MOST]

    async def folder(self) -> Path | None:
        """Where they are; None while that is not known."""
        if self._folder is None or (self._folder.done() and self._folder.result() is None):
            self._folder = asyncio.ensure_future(_ask())
        return await asyncio.shield(self._folder)


async def _ask() -> Path | None:
    """None where the command line does not answer; it is asked again then."""
    command = (sys.executable, "-P", "-m", "helion", "cache", "path", "--json")
    nothing = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdin=nothing, stdout=asyncio.subprocess.PIPE, stderr=nothing)
    try:
        output, _ = await asyncio.wait_for(process.communicate(), _SECONDS)
        answer: Any = json.loads(output)
        return Path(answer["path"]) / "trials"
    except (TimeoutError, ValueError, KeyError) as problem:
        _log.warning("where trial logs are kept is not known: %s", problem)
        return None
    finally:
        if process.returncode is None:
            process.kill()
