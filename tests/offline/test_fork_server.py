"""Children forked off one process: answers, hangs, aborts, leaked grandchildren, and what becomes of them when those above die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helion.offline.artifact import Artifact
from helion.offline.fork_server import ForkServer
from helion.offline.process import ProcessFailure, WorkerProcess
from helion.offline.worker import COMPILING, CompileWorker
from helion.target import DEFAULT_TARGET
from tests.offline import triton_modules
from tests.offline.test_worker import is_alive, wait_until_dead

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks are sound on Linux alone")

CHILD = "tests.offline.misbehaving_child"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def server() -> Iterator[ForkServer]:
    with ForkServer(CHILD) as server:
        yield server


def worker(server: ForkServer) -> WorkerProcess:
    return WorkerProcess(server.forking(CHILD))


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


def test_children_are_forked_off_one_process_and_answer(server: ForkServer) -> None:
    with worker(server) as one, worker(server) as other:
        pids = [one.request("pid", 60), other.request("pid", 60), one.request("pid", 60)]
        assert pids[0] == pids[2] != pids[1]
        assert parent_of(pids[0]) == parent_of(pids[1]) != os.getpid()
    assert not any(map(is_alive, pids)), "closing waits for the end"


def test_a_hang_is_killed_at_its_deadline_with_everything_it_started(server: ForkServer) -> None:
    with worker(server) as child, worker(server) as neighbour:
        pid = neighbour.request("pid", 60)
        grandchild = child.request("leak", 60)
        assert is_alive(grandchild)
        failure = child.request("hang", 0.3)
        assert isinstance(failure, ProcessFailure)
        assert failure.kind == "timeout"
        assert wait_until_dead(grandchild)
        assert isinstance(child.request("pid", 60), int)
        assert child.starts == 2
        assert neighbour.request("pid", 60) == pid


def test_an_abort_is_a_crash_with_its_last_words(server: ForkServer) -> None:
    with worker(server) as child:
        failure = child.request("abort", 60)
        assert isinstance(failure, ProcessFailure)
        assert failure.kind == "crash"
        assert "SIGABRT" in failure.message
        assert "LLVM ERROR: out of luck" in failure.message
        assert isinstance(child.request("pid", 60), int)


def test_what_a_child_left_behind_when_it_died_is_ended_too(server: ForkServer) -> None:
    with worker(server) as child:
        grandchild = child.request("leak", 60)
        assert isinstance(child.request("abort", 60), ProcessFailure)
        assert wait_until_dead(grandchild)


def test_a_child_that_is_given_up_before_it_exists_is_ended() -> None:
    with ForkServer(CHILD) as server:
        child = worker(server)
        child.send("hang", 60)
        child.close()
        with worker(server) as other:
            pid = other.request("pid", 60)
            siblings = Path(f"/proc/{parent_of(pid)}/task/{parent_of(pid)}/children").read_text(encoding="utf-8").split()
            assert all(wait_until_dead(int(sibling)) for sibling in siblings if int(sibling) != pid)


def test_a_server_that_died_is_started_again_and_its_children_end_with_it(server: ForkServer) -> None:
    with worker(server) as child, worker(server) as other:
        pid = child.request("pid", 60)
        os.kill(parent_of(pid), signal.SIGKILL)
        assert wait_until_dead(pid)
        assert isinstance(child.request("pid", 60), ProcessFailure)
        assert isinstance(child.request("pid", 60), int)
        assert isinstance(other.request("pid", 60), int)


def test_a_module_that_cannot_be_imported_is_what_every_child_says() -> None:
    with ForkServer("tests.offline.no_such_module") as server, WorkerProcess(server.forking("tests.offline.no_such_module")) as child:
        failure = child.request("pid", 60)
        assert isinstance(failure, ProcessFailure)
        assert failure.kind == "crash"
        assert "no_such_module" in failure.message


@pytest.mark.parametrize("ready", [True, False], ids=["while they run", "while the server starts"])
def test_nothing_is_left_when_the_parent_is_killed(*, ready: bool) -> None:
    code = (
        "import os, sys; from helion.offline.fork_server import ForkServer; from helion.offline.process import WorkerProcess;"
        f"server = ForkServer({CHILD!r}); w = WorkerProcess(server.forking({CHILD!r}));"
        "w.send('pid', 60);"
        + ("print(w.receive(), w.request('leak', 60));" if ready else "")
        + "print(server._process.child.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    run = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    pids = [int(word) for word in run.stdout.split()]
    assert len(pids) == (3 if ready else 1)
    assert all(map(wait_until_dead, pids))


def test_a_script_needs_no_main_guard(tmp_path: Path) -> None:
    """What is forked off has never seen the script."""
    script = tmp_path / "script.py"
    script.write_text(
        "print('once')\n"
        "from helion.offline.fork_server import ForkServer\n"
        "from helion.offline.process import WorkerProcess\n"
        f"with ForkServer({CHILD!r}) as server, WorkerProcess(server.forking({CHILD!r})) as child:\n"
        "    print(type(child.request('pid', 60)).__name__)\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env=environment)
    assert run.stdout.split() == ["once", "int"]


def test_compiling_children_share_what_was_imported() -> None:
    pytest.importorskip("triton")
    with ForkServer(COMPILING) as server:
        workers = [CompileWorker(WorkerProcess(server.forking(COMPILING))) for _ in range(2)]
        for one in workers:
            one.start_compile(triton_modules.softmax(), DEFAULT_TARGET)
        results = [one.finish_compile() for one in workers]
        for one in workers:
            one.close()
    assert all(isinstance(result, Artifact) for result in results), results
