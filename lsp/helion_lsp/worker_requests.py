"""The requests that the worker answers, each to the function that does it; imports torch and the compiler."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from helion.locks.sidecar import add_entry, sidecar_path
from helion_codemods.apply import exclusive, replace_file
from helion_codemods.commands.lock import lock_config
from helion_codemods.outcome import Refused, minimal_edit
from helion_lsp.analysis import Analyzer
from helion_lsp.preview import preview


class Requests:
    """Plain data in and out."""

    def __init__(self) -> None:
        self._analyzer = Analyzer()
        self.has_gpu = torch.cuda.is_available()

    def answer(self, request: dict[str, Any], checking: Callable[[str], None]) -> Any:
        path, text, params = request["path"], request["text"], request["params"]
        match request["method"]:
            case "analyse":
                return self._analyzer.analyse(path, text, frozenset(params.get("quarantined", ())), checking)
            case "preview":
                return preview(path, text, params)
            case "lock":
                return lock(text, params)
            case "record":
                return record(Path(path), params)
            case method:
                return {"error": f"unknown method {method}"}


def lock(text: str, params: dict[str, Any]) -> dict[str, Any]:
    """`{refused}`, or `{edit}`: None when the decorator says it already."""
    outcome = lock_config(text, params["kernel"], device=params["device"], signature=params["signature"], config=params["config"])
    if isinstance(outcome, Refused):
        return {"refused": outcome.reason}
    edit = minimal_edit(text, outcome.text)
    return {"edit": None if edit is None else [edit.start, edit.end, edit.new_text]}


def record(path: Path, params: dict[str, Any]) -> bool:
    """Keep a lock's evidence beside its source; False for a text that is no file yet."""
    if not path.is_file():
        return False
    entry = {key: params[key] for key in ("kernel", "device", "signature", "config")}
    beside = sidecar_path(path)
    with exclusive(beside):
        replace_file(beside, add_entry(beside, {**entry, **params["evidence"]}).encode("utf-8"))
    return True
