"""A kernel of an open document in, the command line that runs or debugs it in Python's interpreter out; the client starts it."""

from __future__ import annotations

import importlib.util
import shlex
import sys
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from helion.syntax.namesakes import kernel_of_editor, numbered_name
from helion_lsp.front.server import HelionServer

_MODES = frozenset({"interpret", "debug"})


def on_run_command(ls: HelionServer, params: Any) -> dict[str, Any]:
    """`helion/runCommand` {uri, kernel, mode, port?}: see `run_command`."""
    return run_command(ls, params.uri, params.kernel, params.mode, getattr(params, "port", None))


def run_command(ls: HelionServer, uri: str, kernel: str, mode: str, port: int | None = None) -> dict[str, Any]:
    """`{command, cwd, env, launch}`, or `{message}` where nothing can be run.

    `launch` is a debug configuration for debugpy; with a `port`, `command` waits for a debugger there.
    """
    document = ls.documents.documents.get(uri)
    if document is None:
        return {"message": "the document is not open"}
    if mode not in _MODES:
        return {"message": f"`{mode}` is not a mode: one of {', '.join(sorted(_MODES))}"}
    if not ls.trusted:
        return {"message": "the workspace is not trusted, so nothing of it is run"}
    found = kernel_of_editor(document.module, kernel)
    if found is None:
        return {"message": f"there is no kernel {kernel} in the text any more"}
    path = Path(document.path)
    if not path.is_file():
        return {"message": f"{path.name} is not saved yet: what runs is the file"}
    sample = document.samples.get(kernel)
    arguments = ["run", f"{path}::{numbered_name(found)}", *(["--args", sample] if sample is not None else [])]
    python = [sys.executable, "-P"]
    has_debugger = importlib.util.find_spec("debugpy") is not None
    if mode == "debug" and port is not None:
        if not has_debugger:
            return {"message": f"debugpy is not installed for {sys.executable}"}
        python += ["-m", "debugpy", "--listen", f"127.0.0.1:{port}", "--wait-for-client"]
    env = {"HELION_INTERPRET": "1"}
    launch = {
        "type": "debugpy",
        "request": "launch",
        "name": f"Debug {kernel}",
        "module": "helion",
        "args": arguments,
        "python": [sys.executable],
        "cwd": str(path.parent),
        "env": env,
        "console": "integratedTerminal",
        "justMyCode": True,
    }
    return {"command": [*python, "-m", "helion", *arguments], "cwd": str(path.parent), "env": env, "launch": launch}


def show_command(ls: HelionServer, uri: str, kernel: str) -> dict[str, Any]:
    """Command `helion.runInInterpreter`, for clients that do not run it themselves: the command line, shown and given back."""
    return _shown(ls, run_command(ls, uri, kernel, "interpret"))


def show_debug_command(ls: HelionServer, uri: str, kernel: str) -> dict[str, Any]:
    """Command `helion.debugInInterpreter`, in the same way."""
    return _shown(ls, run_command(ls, uri, kernel, "debug", 5678))


def _shown(ls: HelionServer, found: dict[str, Any]) -> dict[str, Any]:
    words = found.get("message") or f"HELION_INTERPRET=1 {shlex.join(found['command'])}"
    ls.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Info, words))
    return found
