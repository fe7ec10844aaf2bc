"""Work items in, what came of them out as each is done: on this machine's GPUs, or on a Dask cluster's workers, by the same function."""

from __future__ import annotations

import importlib
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import Any, Protocol

from helion.cli.exit_codes import NOT_FOUND, USAGE
from helion.cli.failure import failure
from helion.cli.refresh.work import WorkDone, WorkItem
from helion.offline.process import ProcessFailure, WorkerProcess, python_command
from helion.runtime.environment import visible_gpus

_ATTEMPTS = 3
_WORKER_SECONDS = 60
_LOOK_SECONDS = 0.2
RESOURCE = "helion-slot"
_STARTS = "helion-starts"
Stopped = Callable[[], bool]


def do_item(item: WorkItem, gpu: int | None = None, is_stopped: Stopped = lambda: False) -> WorkDone:
    """Tune in a child process, pinned to a GPU when one is given. `lost` when the process died or hung: that is worth another try. When
    nobody wants the answer any more the process is ended; its trial log stays."""
    pinned = {} if gpu is None else {"CUDA_VISIBLE_DEVICES": str(gpu), "HIP_VISIBLE_DEVICES": str(gpu)}
    device = visible_gpus() if gpu is None else str(gpu)
    where = socket.gethostname() if device is None else f"{socket.gethostname()}, GPU {device}"
    with WorkerProcess(python_command("helion.cli.refresh.serve_item", variables=pinned)) as process:
        process.send(item, item.seconds)
        deadline = time.monotonic() + item.seconds
        while not process.connection.poll(_LOOK_SECONDS) and time.monotonic() < deadline:
            if is_stopped():
                return WorkDone(item, problem="stopped", worker=where)
        answer = process.receive()
    if isinstance(answer, ProcessFailure):
        return WorkDone(item, problem=f"{answer.kind}: {answer.message}", worker=where, lost=True)
    assert isinstance(answer, WorkDone)
    return replace(answer, item=item, worker=where)


class Fleet(Protocol):
    """Does work somewhere."""

    def run(self, items: Sequence[WorkItem]) -> Iterator[WorkDone]:
        """Each item once, as it is done. Closing it ends what is not."""
        ...


@dataclass(frozen=True)
class LocalFleet:
    """`jobs` at once on this machine, spread over `gpus` in turn; without GPUs nothing is pinned."""

    jobs: int
    gpus: tuple[int, ...] = ()
    work: Callable[[WorkItem, int | None, Stopped], WorkDone] = do_item

    def run(self, items: Sequence[WorkItem]) -> Iterator[WorkDone]:
        stop = threading.Event()
        slots: queue.Queue[int | None] = queue.Queue()
        for number in range(self.jobs):
            slots.put(self.gpus[number % len(self.gpus)] if self.gpus else None)

        def one(item: WorkItem) -> WorkDone:
            slot = slots.get()
            try:
                return self._tried(item, slot, stop.is_set)
            finally:
                slots.put(slot)

        with ThreadPoolExecutor(self.jobs) as pool:
            futures = [pool.submit(one, item) for item in items]
            try:
                yield from (future.result() for future in as_completed(futures))
            finally:
                stop.set()
                for future in futures:
                    future.cancel()

    def _tried(self, item: WorkItem, slot: int | None, is_stopped: Stopped) -> WorkDone:
        done = replace(self.work(item, slot, is_stopped), attempts=1)
        while done.lost and done.attempts < _ATTEMPTS and not is_stopped():
            done = replace(self.work(item, slot, is_stopped), attempts=done.attempts + 1)
        return done


@dataclass(frozen=True)
class DaskFleet:
    """The workers of a scheduler. A worker that is lost has its items given to others, by Dask; each goes on from its trial log where
    the cache directory is shared."""

    address: str

    def run(self, items: Sequence[WorkItem]) -> Iterator[WorkDone]:
        distributed = import_distributed()
        with _client(distributed, self.address) as client:
            workers: Any = client.scheduler_info(n_workers=-1)["workers"].values()
            slots = {"resources": {RESOURCE: 1}} if all(RESOURCE in worker["resources"] for worker in workers) else {}
            futures = [client.submit(_do_on_worker, item, pure=False, retries=_ATTEMPTS - 1, **slots) for item in items]
            of_future = {future.key: item for future, item in zip(futures, items, strict=True)}
            try:
                for future in distributed.as_completed(futures):
                    starts = [key for _, key in client.get_events(_STARTS)]
                    yield replace(_done(future, of_future[future.key]), attempts=max(1, starts.count(future.key)))
            finally:
                client.cancel(futures, force=True)


def _do_on_worker(item: WorkItem) -> WorkDone:
    """What a Dask worker runs. It tells the scheduler that it begins: that counts the attempts, those of lost workers too."""
    worker: Any = import_distributed().get_worker()
    key: Any = worker.get_current_task()
    worker.log_event(_STARTS, key)

    def is_stopped() -> bool:
        """Dask takes no notice of what a task does once its client is gone; its worker knows that nobody waits for it."""
        task = worker.state.tasks.get(key)
        return task is None or task.state == "cancelled"

    return do_item(item, is_stopped=is_stopped)


def _client(distributed: Any, address: str) -> Any:
    """Connected to a scheduler that has a worker. Raises Failure where there is none."""
    try:
        client = distributed.Client(address)
    except (OSError, ValueError) as problem:
        raise failure("no-scheduler", f"`{address}` does not answer as a Dask scheduler: {problem}", NOT_FOUND) from problem
    try:
        client.wait_for_workers(1, timeout=_WORKER_SECONDS)
    except TimeoutError as problem:
        client.close()
        words = f"the scheduler at `{address}` has no worker after {_WORKER_SECONDS} s: start `helion refresh worker {address}`"
        raise failure("no-workers", words, NOT_FOUND) from problem
    return client


def _done(future: Any, item: WorkItem) -> WorkDone:
    if future.status == "finished":
        return future.result()
    return WorkDone(item, problem=f"{type(future.exception()).__name__}: {future.exception()}", lost=True)


def import_distributed() -> Any:
    """Dask distributed. Raises Failure where it is not installed."""
    try:
        return importlib.import_module("distributed")
    except ModuleNotFoundError as missing:
        words = f"{missing.name} is missing, which the extra `helion-toolkit[fleet]` installs"
        raise failure("no-fleet", words, USAGE) from missing
