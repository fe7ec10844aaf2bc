"""Tune and lock: the command line in a child process of its own group, its JSON lines as progress, its result as a config."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helion.types.untyped import is_dict
from helion_lsp.commands.remote_command import remote_command

_LINE_LIMIT = 16 << 20


@dataclass(frozen=True)
class Tuned:
    """What a finished tuning found for one signature, None for every one. `estimated` results come from the model, not from a GPU;
    `evidence` is for the sidecar. `refused` is why it is not worth a lock, None where it is or the user chose it."""

    config: dict[str, Any]
    device: str
    signature: str | None
    microseconds: float
    estimated: bool
    evidence: dict[str, Any]
    refused: str | None = None


class TuningFailed(Exception):
    """The child ended without a result; the message is for the user."""


@dataclass(frozen=True)
class TuningRequest:
    """`text` is the document's, saved or not; `kernel`, `args`, `target` as on the command line.

    With a `host` the tuning runs there, by its `python`, over ssh.
    """

    path: str
    text: str
    kernel: str
    args: str | None
    target: str | None
    budget: float
    host: str | None = None
    python: str = "python3"


async def tune(request: TuningRequest, progress: Callable[[dict[str, Any]], Awaitable[None]]) -> list[Tuned]:
    """A result for each signature, at least one, in the order they were found. Run to the end, or be cancelled: then the child's whole
    process group is killed at once. Raises TuningFailed."""
    with tempfile.TemporaryDirectory(prefix="helion-tune-", ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            *_command(request, Path(folder)),
            stdin=asyncio.subprocess.DEVNULL if request.host is None else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LINE_LIMIT,
            start_new_session=True,
        )
        try:
            if process.stdin is not None:
                process.stdin.write(request.text.encode())
            return await _follow(process, progress, lambda said: _why(request, said))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _source(request: TuningRequest, folder: Path) -> Path:
    """The document's own file when it is saved, so that its imports work; else a copy of the text."""
    path = Path(request.path)
    try:
        if path.read_text(encoding="utf-8-sig") == request.text.replace("\r\n", "\n"):
            return path
    except (OSError, ValueError):
        pass
    copy = folder / path.name
    copy.write_text(request.text, encoding="utf-8", newline="")
    return copy


def _command(request: TuningRequest, folder: Path) -> list[str]:
    """`-P`: files beside the source are imported only if the source does so."""
    options = ["--json", "--budget", str(request.budget)]
    options += ["--args", request.args] if request.args else []
    options += ["--target", request.target] if request.target else []
    if request.host is not None:
        name = Path(request.path).name
        return remote_command(request.host, request.python, name, request.text.encode(), request.kernel, options)
    return [sys.executable, "-P", "-m", "helion", "tune", f"{_source(request, folder)}::{request.kernel}", *options]


_NO_TOOLKIT = ("No module named helion", "setsid: failed to execute", "No module named 'helion'")


def _why(request: TuningRequest, said: str) -> str:
    """Why there is no result, in words for the user, from what was said on standard error."""
    said = said or "the tuner ended without a result"
    if request.host is None:
        return said
    if any(words in said for words in _NO_TOOLKIT):
        remedy = "install helion-toolkit there, or let `tunePython` be the interpreter that has it"
        return f"`{request.python}` on {request.host} does not run the toolkit: {remedy} ({said.splitlines()[-1]})"
    return f"{request.host}: {said}"


async def _follow(
    process: asyncio.subprocess.Process, progress: Callable[[dict[str, Any]], Awaitable[None]], why: Callable[[str], str]
) -> list[Tuned]:
    assert process.stdout is not None
    assert process.stderr is not None
    errors = asyncio.ensure_future(process.stderr.read())
    found: list[Tuned] = []
    while line := await process.stdout.readline():
        event = _event(line)
        if event.get("event") == "result":
            found.append(_tuned(event))
        await progress(event)
    if not found:
        raise TuningFailed(why((await errors).decode(errors="replace").strip()))
    return found


def _tuned(result: dict[str, Any]) -> Tuned:
    verdict = result["verdict"]
    return Tuned(
        config=result["minimal_config"],
        device=result["lock_device"],
        signature=result["lock_signature"],
        microseconds=result["us"],
        estimated=result["estimated"],
        evidence=result["evidence"],
        refused=None if verdict["write"] else verdict["words"],
    )


def _event(line: bytes) -> dict[str, Any]:
    """One event; nothing of what else a kernel's file may print."""
    try:
        event: Any = json.loads(line)
    except ValueError:
        return {}
    return event if is_dict(event) else {}
