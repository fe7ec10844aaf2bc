"""`helion refresh run` over workers: one that is killed loses nothing, and everything is written into the source once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest

from helion.cli.exit_codes import CANCELLED
from helion.cli.failure import Failure
from helion.cli.refresh.finished import FinishedWork, RememberingFleet
from helion.cli.refresh.fleet import DaskFleet, LocalFleet, Stopped, do_item
from helion.cli.refresh.work import WorkDone, WorkItem
from helion.locks.sidecar import read_entries, sidecar_path

pytest.importorskip("triton")

KERNEL = """
import torch
import helion
import helion.language as hl


def examples():
    yield torch.randn(1024, 512, device="cuda"),
    yield torch.randn(512, 1024, device="cuda", dtype=torch.bfloat16),


@helion.kernel(inputs=examples, config=helion.Config(block_sizes=[1, 1]))
def twice(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * 2
    return out
"""


def test_what_is_lost_is_tried_again_and_given_up_in_the_end() -> None:
    tried: list[tuple[str, int | None]] = []

    def work(item: WorkItem, gpu: int | None, _: Stopped) -> WorkDone:
        tried.append((item.kernel, gpu))
        is_lost = item.kernel == "bad" or tried.count((item.kernel, gpu)) < 2
        return WorkDone(item, problem="crash: gone" if is_lost else "", lost=is_lost)

    items = [WorkItem("f.py", "", name, None, None) for name in ("bad", "good")]
    done = {d.item.kernel: d for d in LocalFleet(1, (5,), work).run(items)}
    assert (done["good"].attempts, done["good"].lost) == (2, False)
    assert (done["bad"].attempts, done["bad"].lost) == (3, True)
    assert {gpu for _, gpu in tried} == {5}


def test_jobs_share_out_the_gpus() -> None:
    both = threading.Barrier(2)

    def work(item: WorkItem, gpu: int | None, _: Stopped) -> WorkDone:
        both.wait(60)
        return WorkDone(item, worker=str(gpu))

    items = [WorkItem("f.py", "", str(n), None, None) for n in range(8)]
    assert {d.worker for d in LocalFleet(2, (0, 3), work).run(items)} == {"0", "3"}


def test_what_runs_is_stopped_with_the_refresh() -> None:
    """The one that is done is given out; the other would take a minute."""
    ended: list[str] = []

    def work(item: WorkItem, _: int | None, is_stopped: Stopped) -> WorkDone:
        deadline = time.monotonic() + (0 if item.kernel == "short" else 60)
        while not is_stopped() and time.monotonic() < deadline:
            time.sleep(0.01)
        ended.append(item.kernel)
        return WorkDone(item, lost=item.kernel == "long")

    start = time.monotonic()
    for done in LocalFleet(2, (), work).run([WorkItem("f.py", "", name, None, None) for name in ("long", "short", "later")]):
        assert done.item.kernel == "short"
        break
    assert time.monotonic() - start < 30
    assert "long" in ended and ended.count("long") == 1, "what was stopped is not tried again"


def test_a_tuning_that_nobody_waits_for_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "doubled.py"
    path.write_text(KERNEL)
    asked = count()
    item = WorkItem(str(path), KERNEL, "twice", "f32[8,8]", "sm_90", ("--budget", "600"), seconds=600)
    done = do_item(item, is_stopped=lambda: next(asked) > 2)
    assert (done.problem, done.results, done.lost) == ("stopped", (), False)


@dataclass(frozen=True)
class Doing:
    """A fleet that notes what it is asked for, and ends after so many."""

    most: int
    asked: list[str | None]

    def run(self, items: Sequence[WorkItem]) -> Iterator[WorkDone]:
        for item in items[: self.most]:
            self.asked.append(item.signature)
            yield WorkDone(item, ({"us": 1.0},), worker="vm")


def test_what_a_killed_refresh_had_finished_is_not_done_again(tmp_path: Path) -> None:
    path = tmp_path / "doubled.py"
    path.write_text(KERNEL)
    options = ("--budget", "60")
    items = [WorkItem(str(path), KERNEL, "twice", signature, "sm_90", options) for signature in ("f32[8,8]", "f32[4,4]")]
    finished = FinishedWork(tmp_path / "refresh", "sm_90")
    asked: list[str | None] = []
    assert len(list(RememberingFleet(Doing(1, asked), finished).run(items))) == 1
    again = list(RememberingFleet(Doing(9, asked), finished).run(items))
    assert asked == ["f32[8,8]", "f32[4,4]"]
    assert [(done.item, done.results) for done in again] == [(item, ({"us": 1.0},)) for item in items]
    assert again[0].worker == "vm, finished before"
    first = items[0]
    locked = KERNEL.replace(
        "config=helion.Config(block_sizes=[1, 1])", 'configs={"sm_90": {"f32[8,8]": helion.Config(block_sizes=[1, 1])}}'
    )
    for other in (
        replace(first, text=KERNEL.replace("* 2", "* 3")),
        replace(first, text=locked),
        replace(first, options=("--budget", "90")),
        replace(first, options=(*options, "--fresh")),
        replace(first, target=None),
    ):
        assert finished.get(other) is None
    assert FinishedWork(tmp_path / "refresh", "NVIDIA H200").get(first) is None
    assert finished.get(replace(first, text=f"# moved\n{KERNEL}")) is not None, "other text of the file is not what was tuned"
    finished.drop(again[0])
    assert finished.get(first) is None
    assert len(list((tmp_path / "refresh").iterdir())) == 1


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    pytest.importorskip("distributed")
    said = tmp_path / "scheduler.json"
    options = ["--port", "0", "--no-dashboard", "--host", "127.0.0.1", "--scheduler-file", str(said)]
    process = subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", *options], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while not said.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        yield json.loads(said.read_text())["address"]
    finally:
        process.kill()
        process.wait()


def worker(scheduler: str, log: Path) -> subprocess.Popen[bytes]:
    """A worker without the nanny that would start it again, alone in a process group."""
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--resources", "helion-slot=1"]
    command = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler, *options]
    with log.open("w") as file:
        return subprocess.Popen(command, start_new_session=True, stderr=file)


def started(folder: Path) -> bool:
    return any(folder.rglob("*.jsonl"))


def test_a_killed_dask_worker_loses_nothing(scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELION_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    path = tmp_path / "doubled.py"
    path.write_text(KERNEL)
    first, second = worker(scheduler, tmp_path / "first.log"), None
    arguments = ["refresh", "run", str(path), "--target", "sm_90", "--effort", "none", "--scheduler", scheduler]
    refresh = subprocess.Popen([sys.executable, "-m", "helion", *arguments], stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 240
        while not started(tmp_path / "cache") and time.monotonic() < deadline:
            time.sleep(0.05)
        assert started(tmp_path / "cache")
        os.killpg(first.pid, signal.SIGKILL)
        second = worker(scheduler, tmp_path / "second.log")
        _, words = refresh.communicate(timeout=300)
    finally:
        for process in (refresh, first, second):
            if process is not None and process.poll() is None:
                process.kill()
    assert refresh.returncode == 0, words
    assert "2 tuned, 0 failed, 0 refused" in words
    entries = read_entries(sidecar_path(path))
    assert [(e["device"], e["signature"]) for e in entries] == [("sm_90", "bf16[512,1024]"), ("sm_90", "f32[1024,512]")]
    text = path.read_text()
    assert text.count("configs={") == 1
    assert '"*": helion.Config(block_sizes=[1, 1])' in text


def children(process: subprocess.Popen[bytes]) -> list[str]:
    """The tunings that a worker runs."""
    found = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False)
    return [line for line in found.stdout.splitlines() if "serve_item" in line]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_a_refresh_that_is_gone_leaves_no_tuning_on_a_cluster(
    scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: signal.Signals
) -> None:
    """Stopped by its user, or killed: the worker ends what nobody waits for, and is there for others."""
    monkeypatch.setenv("HELION_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    path = tmp_path / "doubled.py"
    path.write_text(KERNEL)
    tuner = worker(scheduler, tmp_path / "worker.log")
    arguments = ["refresh", "run", str(path), "--target", "sm_90", "--budget", "600", "--scheduler", scheduler]
    refresh = subprocess.Popen([sys.executable, "-m", "helion", *arguments], stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        deadline = time.monotonic() + 240
        while not started(tmp_path / "cache") and time.monotonic() < deadline:
            time.sleep(0.05)
        assert children(tuner)
        refresh.send_signal(end)
        _, words = refresh.communicate(timeout=120)
        deadline = time.monotonic() + 60
        while children(tuner) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert children(tuner) == []
        assert tuner.poll() is None
    finally:
        for process in (refresh, tuner):
            if process.poll() is None:
                process.kill()
    assert refresh.returncode == (CANCELLED if end is signal.SIGINT else -end), words
    assert path.read_text() == KERNEL


def test_a_tuning_runs_pinned_to_its_gpu(tmp_path: Path) -> None:
    path = tmp_path / "doubled.py"
    path.write_text(KERNEL)
    item = WorkItem(str(path), KERNEL, "twice", "f32[8,8]", "sm_90", ("--effort", "none"))
    (done,) = LocalFleet(1, (0,)).run([item])  # the number of a GPU is just a number to a tuning that estimates
    assert not done.problem
    assert len(done.results) == 1
    assert done.worker.endswith(", GPU 0")


def test_a_file_that_differs_on_the_worker_is_not_tuned(tmp_path: Path) -> None:
    path = tmp_path / "doubled.py"
    path.write_text(KERNEL + "\n# newer\n")
    (done,) = LocalFleet(1).run([WorkItem(str(path), KERNEL, "twice", "f32[8,8]", "sm_90", ("--effort", "none"))])
    assert "another text here" in done.problem
    assert not done.results


def test_an_address_without_dask_is_a_failure_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Failure, match=r"helion-toolkit\[fleet\]"):
        list(DaskFleet("tcp://127.0.0.1:1").run([]))
