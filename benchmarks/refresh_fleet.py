"""`refresh run` over the GPUs of this machine, by itself and through Dask, with a worker killed on the way: what was tuned where, as JSON.

    python -m benchmarks.refresh_fleet [--way local|dask] [--slots N] [--budget SECONDS] [--dry-run] > refresh_fleet.json

Exit code 1 when no worker was killed, a piece of work was lost or `refresh check` is not satisfied afterwards. `--dry-run` needs no GPU:
it estimates a few configs only, on two workers.
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
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
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
# The config that each starts with is a poor one, so that there is something to write.
_KERNEL = """

@helion.kernel(inputs=inputs, config=helion.Config(block_sizes=[1], reduction_loops=[32]))
def kernel_{number}(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = torch.empty_like(x)
    for tile in hl.tile(m):
        row = x[tile, :].to(torch.float32) * {number}
        out[tile, :] = (torch.exp(row - row.amax(dim=1, keepdim=True)) + {number}).to(x.dtype)
    return out
"""
_HELION = (sys.executable, "-m", "helion")
_SERVES = "helion.cli.refresh.serve_item"
_DRY = ("--target", "sm_90", "--effort", "none")
_START_SECONDS = 120.0


def main() -> None:
    """One way after the other."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--way", choices=("local", "dask"), action="append")
    parser.add_argument("--slots", type=int)
    parser.add_argument("--budget", type=float, default=30.0)
    parser.add_argument("--dry-run", action="store_true")
    asked = parser.parse_args()
    if not asked.dry_run and not torch.cuda.is_available():
        parser.error("there is no GPU; --dry-run estimates")
    slots = asked.slots or (2 if asked.dry_run else torch.cuda.device_count())
    options = ["--budget", str(asked.budget), *(_DRY if asked.dry_run else ())]
    found: dict[str, Any] = {"slots": slots, "device": "estimated" if asked.dry_run else torch.cuda.get_device_name()}
    ways: tuple[str, ...] = tuple(asked.way or ("local", "dask"))
    with tempfile.TemporaryDirectory() as folder:
        for way in ways:
            project = _project(Path(folder) / way, slots if asked.dry_run else slots + 1)
            environment = {**os.environ, "HELION_CACHE_DIR": str(project.parent / "cache")}
            if way == "local":
                found[way] = _refreshed(project, ["--jobs", str(slots), *options], environment, lambda refresh: refresh)
                print(way, json.dumps(found[way]), file=sys.stderr, flush=True)
                continue
            with _fleet(project.parent, slots, environment) as (address, workers):
                found[way] = _refreshed(project, ["--scheduler", address, *options], environment, lambda _, workers=workers: workers)
    print(json.dumps(found, indent=2))
    sys.exit(0 if all(found[way]["is_whole"] for way in ways) else 1)


def _project(folder: Path, kernels: int) -> Path:
    """A file of kernels with two signatures each: more than there are workers, so that each has several to do."""
    folder.mkdir()
    path = folder / "kernels.py"
    path.write_text(_HEAD + "".join(_KERNEL.format(number=number) for number in range(1, kernels + 1)))
    return path


def _refreshed(path: Path, options: list[str], environment: Mapping[str, str], root: Callable[[int], int]) -> dict[str, Any]:
    """One refresh, timed, while one of the workers below the process `root` is killed."""
    start = time.monotonic()
    process = subprocess.Popen(
        [*_HELION, "refresh", "run", str(path), "--json", *options], stdout=subprocess.PIPE, text=True, env=environment
    )
    killer = _Killer(root(process.pid), Path(environment["HELION_CACHE_DIR"]))
    killer.start()
    output, _ = process.communicate()
    killer.give_up.set()
    killer.join()
    seconds = round(time.monotonic() - start, 1)
    lines = [json.loads(line) for line in output.splitlines()]
    checked = subprocess.run([*_HELION, "refresh", "check", str(path)], env=environment, capture_output=True, check=False)
    entries = read_entries(sidecar_path(path))
    is_whole = process.returncode == checked.returncode == 0 and len(entries) == len(lines) > 0
    return {
        "seconds": seconds,
        "pieces": len(lines),
        "tuned": sum(bool(line["results"]) for line in lines),
        "problems": [line["problem"] for line in lines if line["problem"]],
        "by_worker": Counter(line["worker"] for line in lines),
        "killed": killer.killed,
        "attempts": [line["attempts"] for line in lines],
        "locks": sum(not entry.get("kept") for entry in entries),
        "kept": sum(bool(entry.get("kept")) for entry in entries),
        "methods": Counter(str(entry.get("method")) for entry in entries),
        "exit_codes": [process.returncode, checked.returncode],
        "is_whole": is_whole and killer.killed is not None and any(line["attempts"] > 1 for line in lines),
    }


class _Killer(threading.Thread):
    """Kills a worker below a process once its tuning has logged a trial: Dask's worker, or what `--jobs` runs a tuning in."""

    def __init__(self, root: int, cache: Path) -> None:
        super().__init__()
        self._root = root
        self._cache = cache
        self.give_up = threading.Event()
        self.killed: str | None = None

    def run(self) -> None:
        while self.killed is None and not self.give_up.wait(0.1):
            try:
                self._try()
            except psutil.NoSuchProcess:
                continue

    def _try(self) -> None:
        if not any('"kind": "trial"' in log.read_text() for log in self._cache.rglob("*.jsonl")):
            return
        root = psutil.Process(self._root)
        serving = next((p for p in root.children(recursive=True) if _SERVES in p.cmdline()), None)
        if serving is None:
            return
        worker = serving.parent()
        victim = serving if worker is None or worker.pid == self._root else worker
        victim.send_signal(signal.SIGKILL)
        self.killed = "the process of one tuning" if victim is serving else "a Dask worker"


@contextmanager
def _fleet(folder: Path, slots: int, environment: Mapping[str, str]) -> Generator[tuple[str, int]]:
    """A scheduler and `helion refresh worker` on this machine: its address, and the process whose children the workers are."""
    said = folder / "scheduler.json"
    options = ["--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(said)]
    with _running([sys.executable, "-m", "distributed.cli.dask_scheduler", *options], folder / "scheduler.log", environment) as scheduler:
        address = _address(said, scheduler)
        worker = [*_HELION, "refresh", "worker", address, "--slots", str(slots)]
        with _running(worker, folder / "workers.log", environment) as workers:
            yield address, workers.pid


@contextmanager
def _running(command: list[str], log: Path, environment: Mapping[str, str]) -> Generator[subprocess.Popen[bytes]]:
    """A process with a log, which ends with all that it started."""
    with log.open("wb") as words:
        process = subprocess.Popen(command, stdout=words, stderr=words, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _address(said: Path, scheduler: subprocess.Popen[bytes]) -> str:
    """What the scheduler writes down once it listens."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and scheduler.poll() is None:
        if said.exists() and (text := said.read_text()):
            return json.loads(text)["address"]
        time.sleep(0.1)
    sys.exit(f"the scheduler did not start: {said.with_name('scheduler.log').read_text()}")


if __name__ == "__main__":
    main()
