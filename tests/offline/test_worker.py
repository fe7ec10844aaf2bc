"""The compiling child and the process it lives in: answers, hangs, aborts, leaked children, and a parent that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helion.offline.artifact import Artifact, CompileFailure
from helion.offline.process import ProcessFailure, WorkerProcess
from helion.offline.worker import CompileWorker
from helion.target import find_target
from tests.offline import triton_modules

CHILD = Path(__file__).with_name("misbehaving_child.py")


@pytest.fixture
def worker():
    with WorkerProcess([sys.executable, str(CHILD)]) as process:
        yield process


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_dead(pid: int, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_alive(pid)


def test_it_answers_and_keeps_running(worker: WorkerProcess) -> None:
    first, second = worker.request("pid", 10), worker.request("pid", 10)
    assert first == second
    assert worker.starts == 1


def test_a_hang_is_killed_at_its_deadline_with_everything_it_started(worker: WorkerProcess) -> None:
    grandchild = worker.request("leak", 10)
    assert is_alive(grandchild)
    started = time.monotonic()
    failure = worker.request("hang", 0.3)
    assert isinstance(failure, ProcessFailure)
    assert failure.kind == "timeout"
    assert time.monotonic() - started < 30
    assert wait_until_dead(grandchild)
    assert worker.request("pid", 10) != grandchild
    assert worker.starts == 2


def test_an_abort_is_a_crash_with_its_last_words_and_the_next_message_gets_a_new_child(worker: WorkerProcess) -> None:
    failure = worker.request("abort", 10)
    assert isinstance(failure, ProcessFailure)
    assert failure.kind == "crash"
    assert "SIGABRT" in failure.message
    assert "LLVM ERROR: out of luck" in failure.message
    assert isinstance(worker.request("pid", 10), int)


def test_printing_does_not_disturb_the_answers(worker: WorkerProcess) -> None:
    assert worker.request("print", 10) == "printed"


def test_nothing_is_left_when_the_parent_is_killed() -> None:
    code = (
        "import sys, time; from helion.offline.process import WorkerProcess;"
        f"w = WorkerProcess([sys.executable, {str(CHILD)!r}]);"
        "print(w.request('pid', 10), w.request('leak', 10), flush=True);"
        "w.send('hang', 100); time.sleep(100)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child, grandchild = map(int, parent.stdout.readline().split())
    assert is_alive(child)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert wait_until_dead(child)
    assert wait_until_dead(grandchild)


def test_nothing_is_left_when_the_parent_is_killed_while_the_child_starts() -> None:
    """As a tuning may be cancelled; this child never looks at its connection."""
    code = (
        "import os, subprocess, sys; from helion.offline import process;"
        "started = subprocess.Popen;\n"
        "def start(command, **options):\n"
        "    child = started(command, **options)\n"
        "    if 'import time; time.sleep(100)' in command:\n"
        "        print(child.pid, flush=True)\n"
        "        os.kill(os.getpid(), 9)\n"
        "    return child\n"
        "process.subprocess.Popen = start\n"
        "process.WorkerProcess([sys.executable, '-c', 'import time; time.sleep(100)']).send('x', 10)"
    )
    said = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=False).stdout
    assert wait_until_dead(int(said))


def test_the_compiling_child_compiles_reports_failures_and_survives_them() -> None:
    pytest.importorskip("triton")
    target = find_target("sm_90")
    with CompileWorker() as worker:
        good = worker.compile(triton_modules.softmax(), target)
        assert isinstance(good, Artifact), good
        bad = worker.compile(triton_modules.softmax(1000), target)
        assert isinstance(bad, CompileFailure)
        assert bad.kind == "triton"
        assert worker.process.starts == 1
        assert worker.compile(triton_modules.softmax(), target).resources() == good.resources()
