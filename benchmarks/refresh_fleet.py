"""`refresh run` over the GPUs of this machine, by itself and through Dask with a worker killed on the way: what was tuned where, as JSON.

    python -m benchmarks.refresh_fleet [--slots N] [--budget SECONDS] [--dry-run] > refresh_fleet.json

Exit code 1 when a piece of work was lost or `refresh check` is not satisfied afterwards. `--dry-run` estimates, on two workers.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, Self

import torch

from helion.locks.sidecar import read_entries, sidecar_path

_HEAD = """
import torch
import helion
import helion.language as hl

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def inputs():
    for m, n in ((4096, 1024), (1024, 8192)):
        yield (torch.randn(m, n, device=DEVICE, dtype=torch.bfloat16),)
"""
_KERNEL = """

@helion.kernel(inputs=inputs)
def kernel_{number}(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = torch.empty_like(x)
    for tile in hl.tile(m):
        row = x[tile, :].to(torch.float32) * {number}
        out[tile, :] = (torch.exp(row - row.amax(dim=1, keepdim=True)) + {number}).to(x.dtype)
    return out
"""
_HELION = (sys.executable, "-m", "helion")


def main() -> None:
    """Both ways, one after the other."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--slots", type=int)
    parser.add_argument("--budget", type=float, default=30.0)
    parser.add_argument("--dry-run", action="store_true")
    asked = parser.parse_args()
    if not asked.dry_run and not torch.cuda.is_available():
        parser.error("there is no GPU; --dry-run estimates")
    slots = asked.slots or (2 if asked.dry_run else torch.cuda.device_count())
    estimating = ["--target", "sm_90"] if asked.dry_run else []
    options = ["--budget", str(asked.budget)]
    found: dict[str, Any] = {"slots": slots, "device": "estimated" if asked.dry_run else torch.cuda.get_device_name()}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        found["local"] = _refreshed(_project(root / "local", slots), ["--jobs", str(slots), *options, *estimating])
        with _Fleet(root, slots) as fleet:
            found["dask"] = _refreshed(
                _project(root / "dask", slots), ["--scheduler", fleet.address, *options, *estimating], fleet.kill_one
            )
            found["dask"]["a_worker_was_killed"] = fleet.killed
    print(json.dumps(found, indent=2))
    sys.exit(0 if all(found[way]["is_whole"] for way in ("local", "dask")) else 1)


def _project(folder: Path, slots: int) -> Path:
    """More kernels than workers, so that each has several to do."""
    folder.mkdir()
    path = folder / "kernels.py"
    path.write_text(_HEAD + "".join(_KERNEL.format(number=number) for number in range(1, slots + 2)))
    return path


def _refreshed(path: Path, options: list[str], meanwhile: Any = None) -> dict[str, Any]:
    """One refresh, timed; `meanwhile` runs beside it, with the folder of its trial logs."""
    cache = path.parent / "cache"
    environment = {**os.environ, "HELION_CACHE_DIR": str(cache)}
    start = time.monotonic()
    process = subprocess.Popen(
        [*_HELION, "refresh", "run", str(path), "--json", *options], stdout=subprocess.PIPE, text=True, env=environment
    )
    beside = threading.Thread(target=meanwhile or (lambda _: None), args=(cache,))
    beside.start()
    output, _ = process.communicate()
    beside.join()
    lines = [json.loads(line) for line in output.splitlines()]
    checked = subprocess.run([*_HELION, "refresh", "check", str(path)], env=environment, capture_output=True, check=False)
    entries = read_entries(sidecar_path(path))
    return {
        "seconds": round(time.monotonic() - start, 1),
        "pieces": len(lines),
        "tuned": sum(bool(line["results"]) for line in lines),
        "problems": [line["problem"] for line in lines if line["problem"]],
        "by_worker": Counter(line["worker"] for line in lines),
        "locks": sum(not entry.get("kept") for entry in entries),
        "kept": sum(bool(entry.get("kept")) for entry in entries),
        "methods": Counter(str(entry.get("method")) for entry in entries),
        "exit_codes": [process.returncode, checked.returncode],
        "is_whole": process.returncode == 0 and checked.returncode == 0 and len(entries) == len(lines) > 0,
    }


class _Fleet:
    """A scheduler and `helion refresh worker` on this machine."""

    def __init__(self, folder: Path, slots: int) -> None:
        self._said = folder / "scheduler.json"
        self._slots = slots
        self.killed = False

    def __enter__(self) -> Self:
        options = ["--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(self._said)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
        self._scheduler = subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", *options], **quiet)
        while not self._said.exists():
            time.sleep(0.1)
        self.address: str = json.loads(self._said.read_text())["address"]
        self._workers = subprocess.Popen([*_HELION, "refresh", "worker", self.address, "--slots", str(self._slots)], **quiet)
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self._workers, self._scheduler):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def kill_one(self, cache: Path) -> None:
        """A worker that is at work, which its nanny starts again; its piece of work must be done by somebody."""
        while not any(cache.rglob("*.jsonl")):
            time.sleep(0.1)
        nannies = _children(self._workers.pid)
        at_work = [child for nanny in nannies for child in _children(nanny) if _children(child)]
        if at_work:
            os.kill(at_work[0], signal.SIGKILL)
            self.killed = True


def _children(process: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False)
    return [int(word) for word in listed.stdout.split()]


if __name__ == "__main__":
    main()
