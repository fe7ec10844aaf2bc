"""A scheduler's address in, this machine's Dask workers running out: one process a GPU, pinned to it, one piece of work at a time."""

from __future__ import annotations

import subprocess
import sys

import torch

from helion.cli.refresh.fleet import RESOURCE, import_distributed

_FOR_GPU = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")


def run_workers(scheduler: str, slots: int | None) -> None:
    """Until they end, or Ctrl-C. Dask restarts a worker that dies under its nanny."""
    import_distributed()
    gpus = torch.cuda.device_count()
    workers = [subprocess.Popen(worker_command(scheduler, slot, gpus)) for slot in range(slots or max(1, gpus))]
    try:
        for worker in workers:
            worker.wait()
    finally:
        for worker in workers:
            worker.terminate()


def worker_command(scheduler: str, slot: int, gpus: int) -> list[str]:
    """The command of the worker of a slot."""
    pinned = [f"{name}={slot % gpus}" for name in _FOR_GPU] if gpus else []
    options = ["--nworkers", "1", "--nthreads", "1", "--no-dashboard", "--resources", f"{RESOURCE}=1"]
    return ["/usr/bin/env", *pinned, sys.executable, "-m", "distributed.cli.dask_worker", scheduler, *options]
