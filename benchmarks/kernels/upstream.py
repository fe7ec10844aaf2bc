"""A workload in, what another release of `helion` makes of the same kernel and inputs out, from a process with its own environment.

The other release is a folder that `pip install --target` filled. It is not importable here, and of it nothing is known but what it prints
and returns.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

import torch

from benchmarks.kernels.measurement import FailedElsewhereError
from helion.runtime.kernel import Kernel

_ROOT = Path(__file__).parents[2]
_LINKED = ("benchmarks", "examples")
# Importing it takes ten seconds, a kernel's first run a few more; tuning comes on top, and may not keep to its budget.
_SECONDS_TO_PREPARE, _SECONDS_TO_MEASURE = 120.0, 60.0


def release_of(site: Path | None) -> dict[str, str]:
    """Which release is in the folder, by its name in results; nothing without a folder."""
    if site is None:
        return {}
    found = next((one.version for one in metadata.distributions(name="helion", path=[str(site)])), "of unknown version")
    return {"upstream": found}


@dataclass(frozen=True)
class Effort:
    """How the other release chooses configs: by its default, or by tuning for about so many seconds."""

    name: str
    budget_seconds: float = 0.0

    def environment(self) -> dict[str, str]:
        given = {"HELION_AUTOTUNE_EFFORT": self.name, "HELION_AUTOTUNE_PROGRESS_BAR": "0", "HELION_SKIP_CACHE": "1"}
        return {**given, **({"HELION_AUTOTUNE_BUDGET_SECONDS": str(int(self.budget_seconds))} if self.budget_seconds else {})}


class Upstream:
    """One process; started when it is first asked, and again after it failed, whose GPU may be in any state."""

    def __init__(self, site: Path, effort: Effort) -> None:
        self._site = site.resolve()
        self._effort = effort
        self._folder = tempfile.TemporaryDirectory(prefix="upstream-")
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        for name in _LINKED:
            (self._place / name).symlink_to(_ROOT / name)
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop()
        self._folder.cleanup()

    def prepare(self, kernel: Kernel[..., Any], args: Sequence[Any]) -> tuple[float, torch.Tensor]:
        """The seconds that the first run took, tuning included, and the first tensor that it gave. Raises FailedElsewhereError."""
        arguments, result = self._place / "arguments.pt", self._place / "result.pt"
        torch.save(tuple(args), arguments)
        try:
            message = {"module": kernel.fn.__module__, "kernel": kernel.name, "arguments": str(arguments), "result": str(result)}
            limit = _SECONDS_TO_PREPARE + 2 * self._effort.budget_seconds
            answer = self._ask({"action": "prepare", **message}, limit)
            return answer["seconds"], torch.load(result, weights_only=True)
        finally:
            arguments.unlink(missing_ok=True)
            result.unlink(missing_ok=True)

    def microseconds(self) -> float:
        """What was prepared last, measured now. Raises FailedElsewhereError."""
        return self._ask({"action": "measure"}, _SECONDS_TO_MEASURE)["microseconds"]

    @property
    def _place(self) -> Path:
        return Path(self._folder.name)

    def _ask(self, message: dict[str, Any], limit: float) -> dict[str, Any]:
        if self._connection is None:
            self._connection = self._start()
        try:
            self._connection.send(message)
            answer = self._connection.recv() if self._connection.poll(limit) else {"problem": f"no answer within {limit:.0f} s"}
        except (EOFError, OSError):
            answer = {"problem": f"the process ended: {self._last_words()}"}
        if "problem" in answer:
            self._stop()
            raise FailedElsewhereError(answer["problem"])
        return answer

    def _start(self) -> Connection:
        ours, theirs = Pipe()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HELION_")}
        environment = {**kept, **self._effort.environment(), "PYTHONPATH": str(self._site), "PYTHONNOUSERSITE": "1"}
        environment["HELION_CACHE_DIR"] = str(self._place / "cache")
        command = [sys.executable, "-m", "benchmarks.kernels.upstream_worker", str(theirs.fileno()), str(self._site)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self._place, env=environment, pass_fds=(theirs.fileno(),), stdout=log, stderr=log, start_new_session=True
            )
        theirs.close()
        return ours

    @property
    def _log(self) -> Path:
        return self._place / "log.txt"

    def _last_words(self) -> str:
        lines = [line.strip() for line in self._log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
        return lines[-1][:300] if lines else "it printed nothing"

    def _stop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)  # with the processes that it tunes in
            self._process.wait()
        self._connection = self._process = None
