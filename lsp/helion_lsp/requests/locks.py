"""What is asked about the workspace's locks in, answers out: the state of each, and the command line that tunes what needs it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helion.source import SourceFile
from helion.syntax.namesakes import kernel_of_editor, numbered_name
from helion.syntax.parse import parse_module
from helion_lsp.front.protocol import path_of, uri_of
from helion_lsp.front.server import HelionServer
from helion_lsp.front.worker_client import WorkerUnavailable

_MOST_SECONDS = 60.0
_NO_TRUST = "the workspace is not trusted"


async def on_lock_overview(ls: HelionServer, params: Any) -> dict[str, Any]:
    """`helion/lockOverview` {}: {rows, complete, truncated, here, message?}; a request that is cancelled ends after its current step.

    The worker looks at a little of the workspace at a time, so that hovers come in between.
    """
    nothing: dict[str, Any] = {"rows": [], "complete": False, "truncated": False, "here": None}
    if not ls.trusted:
        return {**nothing, "message": _NO_TRUST}
    until = time.monotonic() + _MOST_SECONDS
    try:
        while True:
            asked = _asked(ls, final=time.monotonic() > until)
            found: dict[str, Any] = await ls.worker.request("lockOverview", "", "", asked)
            if found["complete"] or asked["final"]:
                return {**found, "rows": list(_placed(ls, found["rows"], asked["texts"]))}
            await asyncio.sleep(0)
    except WorkerUnavailable as problem:
        return {**nothing, "message": str(problem)}


def _asked(ls: HelionServer, *, final: bool) -> dict[str, Any]:
    documents = [d for d in ls.documents.documents.values() if d.mentions_helion]
    return {
        "folders": ls.folders,
        "texts": {d.path: d.file.text for d in documents},
        "session_locks": {d.path: ls.session_locks.of(d.uri) for d in documents},
        "quarantined": ls.worker.quarantined,
        "final": final,
    }


def _placed(ls: HelionServer, rows: list[dict[str, Any]], texts: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The rows with addresses and ranges for paths and offsets; a file that went away meanwhile has none."""
    files: dict[str, SourceFile | None] = {}
    for row in rows:
        path = str(row.pop("file"))
        if path not in files:
            files[path] = SourceFile(path, texts[path]) if path in texts else _read(path)
        file = files[path]
        if file is not None:
            own, kernel = (ls.columns.range_of(file, *row.pop(name)) for name in ("span", "kernel_span"))
            yield {**row, "uri": uri_of(Path(path)), "range": own, "kernelRange": kernel}


def _read(path: str) -> SourceFile | None:
    try:
        return SourceFile.read(path)
    except (OSError, UnicodeDecodeError):
        return None


def _exact(path: Path, kernel: str) -> str:
    """What the command line calls a kernel of a file and no other of its name; what it is not told of it says itself."""
    file = _read(str(path))
    found = None if file is None else kernel_of_editor(parse_module(file), kernel)
    return kernel if found is None else numbered_name(found)


def on_refresh_command(ls: HelionServer, params: Any) -> dict[str, Any]:
    """`helion/refreshCommand` {uri, kernel?}: {command, cwd}, or {message} where nothing can be run. It tunes what of a kernel, of a file
    or of a folder is missing, stale or not measured, and writes it into the files; it runs the user's code."""
    if not ls.trusted:
        return {"message": f"{_NO_TRUST}, so nothing of it is run"}
    path = Path(path_of(params.uri))
    if not path.exists():
        return {"message": f"{path.name} is not saved yet: what is tuned is the file"}
    kernel = getattr(params, "kernel", None)
    name = str(path) if kernel is None else f"{path}::{_exact(path, str(kernel))}"
    budget = ls.options.get("tuneBudget")
    options = [] if budget is None else ["--budget", str(budget)]
    target = None if ls.worker.has_gpu else ls.options.get("target")
    options += [] if target is None else ["--target", str(target)]
    cwd = path if path.is_dir() else path.parent
    return {"command": [sys.executable, "-P", "-m", "helion", "refresh", "run", name, *options], "cwd": str(cwd)}
