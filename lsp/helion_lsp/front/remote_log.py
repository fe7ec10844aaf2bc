"""The events of a tuning on another machine in, its trial log on this one out, as the machine itself keeps it; knows nothing of ssh."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helion.trials.record import header_record
from helion.trials.trial import Trial
from helion.types.untyped import is_mapping

_ODD = re.compile(r"[^\w.-]+")


class RemoteLog:
    """One command's tunings, each in a file of its own, whose name ends with the host: a tuning here never goes on from it. What was
    taken over from the log over there is among the events, so every run writes its file anew."""

    def __init__(self, host: str, folder: Path | None) -> None:
        """Without a folder nothing is kept."""
        self._host = host
        self._folder = folder
        self._path: Path | None = None

    def hear(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """The event, with the log that is here for the one that is there."""
        match event.get("event"):
            case "started":
                return self._start(event)
            case "trial":
                self._append(Trial.from_json(event).to_json())
            case "result":
                self._append({**event, "kind": "result", "log": str(self._path)})
            case _:
                pass
        return event

    def _start(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        there, header = event.get("log"), event.get("header")
        if self._folder is None or there is None or not is_mapping(header):
            self._path = None
            return {**event, "log": None}
        self._folder.mkdir(parents=True, exist_ok=True)
        self._path = self._folder / f"{Path(str(there)).stem}@{_ODD.sub('_', self._host)}.jsonl"
        known = {key: value for key, value in header.items() if key != "file"}  # which is a copy, over there
        self._path.write_text(json.dumps(header_record({**known, "host": self._host})) + "\n", encoding="utf-8")
        return {**event, "log": str(self._path), "header": known}

    def _append(self, record: Mapping[str, Any]) -> None:
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as log:
                log.write(json.dumps(record) + "\n")
