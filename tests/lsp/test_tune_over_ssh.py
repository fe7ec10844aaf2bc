"""The editor's tuning on another machine through a real sshd, on loopback with keys of its own; skipped where there is none."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from helion_lsp.commands.tuning import TuningFailed, TuningRequest, tune
from tests.lsp.conftest import URI, Client

pytest.importorskip("triton")

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = pytest.mark.skipif(SSHD is None or shutil.which("ssh") is None, reason="no sshd")

SERVER = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/key.pub
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
SetEnv HELION_CACHE_DIR={folder}/there/cache TMPDIR={folder}/there
"""
CLIENT = """
Host tuner
  HostName 127.0.0.1
  Port {port}
  IdentityFile {folder}/key
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known
  StrictHostKeyChecking accept-new
"""
KERNEL = """
import torch
import helion
import helion.language as hl


@helion.kernel
def twice(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * 2
    return out
"""


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> Iterator[Path]:
    """A machine that ssh knows as `tuner`, and the folder in which it keeps what it keeps."""
    folder = tmp_path / "ssh"
    (folder / "there").mkdir(parents=True)
    for name in ("host", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    (folder / "sshd_config").write_text(SERVER.format(port=unused_tcp_port, folder=folder))
    (folder / "ssh_config").write_text(CLIENT.format(port=unused_tcp_port, folder=folder))
    client = folder / "bin" / "ssh"  # the user's ssh, with a configuration of this test's own
    client.parent.mkdir()
    client.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/ssh_config "$@"\n')
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{client.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HELION_CACHE_DIR", str(tmp_path / "here"))
    server = subprocess.Popen([str(SSHD), "-D", "-e", "-f", str(folder / "sshd_config")], stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 30
        while subprocess.run([str(client), "-o", "BatchMode=yes", "tuner", "true"], capture_output=True, check=False).returncode:
            if server.poll() is not None or time.monotonic() > deadline:
                server.kill()
                pytest.skip(f"sshd does not serve here: {server.communicate()[1].strip()}")
            time.sleep(0.1)
        yield folder / "there"
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def unused_tcp_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def request(budget: float, python: str = sys.executable) -> TuningRequest:
    return TuningRequest("/home/me/it's here.py", KERNEL, "twice", "f32[64,64]", "sm_90", budget, "tuner", python)


async def ignore(event: dict[str, Any]) -> None:
    """Nobody watches."""


def test_the_editor_tunes_there_and_locks_here(there: Path, drive: Any) -> None:
    """By its settings alone, as a user has them: the winner and its evidence come here, and nothing stays there but the log."""

    async def scenario(client: Client) -> None:
        client.open(KERNEL)
        options = {"args": "f32[64,64]", "target": "sm_90", "budget": 2}
        command = lsp.ExecuteCommandParams(command="helion.tuneAndLock", arguments=[URI, "twice", options])
        found: Any = await asyncio.wait_for(client.workspace_execute_command_async(command), 100)
        assert "estimated" in found["message"], found
        assert found["locked"] == bool(client.edits)

    drive(scenario, tuneHost="tuner", tunePython=sys.executable)
    assert list((there / "cache" / "trials").glob("*.jsonl")), "the trials are kept where they were run"
    assert list(there.glob("tmp.*")) == []


def test_a_cancelled_tuning_leaves_nothing_running_there(there: Path) -> None:
    def running() -> str:
        return subprocess.run(["pgrep", "-f", f"helion tune {there}"], capture_output=True, text=True, check=False).stdout

    async def session() -> None:
        begun = asyncio.Event()

        async def progress(event: dict[str, Any]) -> None:
            if event.get("event") == "started":
                begun.set()

        task = asyncio.ensure_future(tune(request(100.0), progress))
        await asyncio.wait_for(begun.wait(), 90)
        assert running()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(session())
    deadline = time.monotonic() + 20
    while (running() or list(there.glob("tmp.*"))) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running() == ""
    assert list(there.glob("tmp.*")) == []


@pytest.mark.parametrize("python", ["/nowhere/python", "/bin/false"])
def test_an_interpreter_that_cannot_do_it_is_named(there: Path, python: str) -> None:
    with pytest.raises(
        TuningFailed, match="`/nowhere/python` on tuner does not run the toolkit" if "nowhere" in python else "tuner: the tuner"
    ):
        asyncio.run(tune(request(1.0, python), ignore))
