"""Tunings that are stopped, that are asked for twice, and that run elsewhere."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from helion_lsp.commands.best_so_far import BestSoFar
from helion_lsp.commands.remote_command import remote_command
from helion_lsp.commands.tuning import TuningFailed, TuningRequest, tune
from tests.lsp.conftest import URI, Client

pytest.importorskip("triton")

ARGS = "bf16[256,256],bf16[256,256]"
SSH = """#!/bin/sh
# What sshd does with `ssh -o OPTION HOST COMMAND`, on this machine.
[ "$3" = nowhere ] && { echo "ssh: Could not resolve hostname nowhere" >&2; exit 255; }
exec sh -c "$4"
"""


def test_the_best_so_far_follows_the_events() -> None:
    best = BestSoFar()
    best.hear({"event": "started", "device": "sm_90", "method": "model", "search": "pattern"})
    assert best.microseconds is None
    best.hear({"event": "progress", "best_us": None, "best_config": None, "trials": 4, "distinct": 1})
    assert best.words == "nothing runs yet"
    best.hear({"event": "progress", "best_us": 4.5, "default_us": 9.0, "best_config": {"block_sizes": [8]}, "trials": 90, "distinct": 7})
    assert best.words == "estimated 4.5 µs, of 7 trials"
    assert best.evidence["partial"] is True
    assert best.evidence["estimated"] is True
    best.hear({"event": "started", "device": "sm_90", "method": "measured"})
    assert best.microseconds is None, "the next signature starts over"


@pytest.mark.parametrize("answer", ["Keep", "Discard"])
def test_a_cancelled_tuning_asks_whether_to_keep_its_best(drive: Any, answer: str) -> None:
    async def scenario(client: Client) -> None:
        asked: list[str] = []

        @client.feature(lsp.WINDOW_SHOW_MESSAGE_REQUEST)  # pyright: ignore[reportUntypedFunctionDecorator]  # pygls leaves it untyped
        def ask(params: lsp.ShowMessageRequestParams) -> lsp.MessageActionItem:
            asked.append(params.message)
            return lsp.MessageActionItem(title=answer)

        client.open()
        options = {"args": ARGS, "target": "sm_90", "budget": 100}
        command = lsp.ExecuteCommandParams(command="helion.tuneAndLock", arguments=[URI, "matmul", options])
        task = asyncio.ensure_future(client.workspace_execute_command_async(command))
        await client.until(lambda: any("best" in message for message in client.progress))
        again: Any = await client.workspace_execute_command_async(command)
        assert again == {"locked": False, "message": "matmul is being tuned already"}
        client.window_work_done_progress_cancel(lsp.WorkDoneProgressCancelParams(token=client.tokens[0]))
        found: Any = await task
        assert len(asked) == 1
        assert "keep the best so far (estimated " in asked[0]
        assert found["locked"] is (answer == "Keep")
        assert len(client.edits) == (answer == "Keep")

    drive(scenario)


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(SSH, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HELION_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return program


def request_on(host: str, budget: float) -> TuningRequest:
    text = (Path(__file__).parents[2] / "examples" / "vector_add.py").read_text(encoding="utf-8")
    kernel = "vector_add" if "def vector_add" in text else "add"
    return TuningRequest("/elsewhere/it's here.py", text, kernel, "f32[512],f32[512]", "sm_90", budget, host, sys.executable)


RESULT: dict[str, Any] = {
    "event": "result",
    "minimal_config": {"block_sizes": [16, 16, 16]},
    "lock_device": "sm_90",
    "lock_signature": None,
    "us": 12.5,
    "estimated": True,
    "evidence": {"method": "model", "estimated": True},
    "verdict": {"write": True, "words": "faster"},
}


@pytest.mark.parametrize("options", [{}, {"target": "sm_90"}])
def test_that_there_is_no_gpu_is_said_before_and_after(drive: Any, ssh: Path, options: dict[str, Any]) -> None:
    """By a machine of a few words; who asks for an estimate is told nothing that is known already."""
    events = ({"event": "started", "method": "model", "device": "sm_90", "search": "pattern"}, RESULT)
    ssh.write_text("#!/bin/sh\n" + "".join(f"echo {shlex.quote(json.dumps(event))}\n" for event in events), encoding="utf-8")

    async def scenario(client: Client) -> None:
        client.open()
        command = lsp.ExecuteCommandParams(command="helion.tuneAndLock", arguments=[URI, "matmul", {"host": "there", **options}])
        found: Any = await client.workspace_execute_command_async(command)
        assert any("estimating for sm_90, since nothing is measured without a GPU" in words for words in client.progress)
        told = "locked for sm_90, estimated 12.5 µs"
        assert found["message"] == (told if options else f"{told}; nothing was measured: there is no GPU on there")
        assert len(client.edits) == 1

    drive(scenario)


async def ignore(event: dict[str, Any]) -> None:
    """Nobody watches."""


def test_another_machine_tunes_the_text_it_is_given(ssh: Path, tmp_path: Path) -> None:
    (found,) = asyncio.run(tune(request_on("there", 1.0), ignore))
    assert (found.device, found.signature, found.estimated) == ("sm_90", "f32[512],f32[512]", True)
    assert list(tmp_path.glob("tmp.*")) == [], "nothing is left there"


def test_what_runs_elsewhere_ends_with_the_connection(ssh: Path, tmp_path: Path) -> None:
    def running() -> str:
        pattern = f"helion tune {tmp_path}/tmp"
        return subprocess.run(["pgrep", "-f", pattern], capture_output=True, text=True, check=False).stdout

    async def session() -> None:
        best = asyncio.Event()

        async def progress(event: dict[str, Any]) -> None:
            if event.get("event") == "progress":
                best.set()

        task = asyncio.ensure_future(tune(request_on("there", 100.0), progress))
        await best.wait()
        assert running()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        for _ in range(600):
            if not running():
                return
            await asyncio.sleep(0.05)
        pytest.fail("the tuning goes on")

    asyncio.run(session())


def test_a_machine_that_is_not_there_is_said(ssh: Path) -> None:
    with pytest.raises(TuningFailed, match="Could not resolve hostname nowhere"):
        asyncio.run(tune(request_on("nowhere", 1.0), ignore))


def test_names_are_quoted() -> None:
    command = remote_command("there", "python3", "a b.py", b"text", "k", ["--args", "bf16[1], 'gelu'"])
    assert command[:4] == ["ssh", "-o", "BatchMode=yes", "there"]
    assert len(command) == 5
