"""A file's text in, what an earlier check of the same text by the same toolkit found out; needs neither torch nor the compiler."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import tempfile
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from helion.locks.sidecar import sidecar_path

_PACKAGES = ("torch", "triton", "sympy")


class CheckCache:
    """One JSON file a checked file, named by everything that its findings depend on. With no folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, path: str, text: str) -> list[dict[str, Any]] | None:
        """The findings, if they are known and the files that they depend on besides say what they said."""
        if self._folder is None:
            return None
        try:
            kept = json.loads(self._file(path, text).read_text(encoding="utf-8"))
            holds = all(_digest(Path(behind)) == digest for behind, digest in kept["behind"].items())
            return kept["findings"] if holds else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def put(self, path: str, text: str, findings: list[dict[str, Any]], behind: Iterable[Path] = ()) -> None:
        """Keep findings; `behind` are the project's files that the text's names lead to.

        A folder that cannot be written to keeps nothing, which costs time only."""
        if self._folder is None:
            return
        target = self._file(path, text)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=target.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"findings": findings, "behind": {str(one): _digest(one) for one in behind}}, file)
            Path(temporary).replace(target)
        except OSError:
            return

    def _file(self, path: str, text: str) -> Path:
        assert self._folder is not None
        beside = sidecar_path(Path(path))
        evidence = beside.read_text(encoding="utf-8", errors="replace") if beside.is_file() else ""
        key = hashlib.sha256("\0".join((self._toolkit, path, text, evidence)).encode("utf-8", errors="replace")).hexdigest()
        return self._folder / "check" / f"{key}.json"

    @cached_property
    def _toolkit(self) -> str:
        """The toolkit's files by their times and sizes, so that a change of its source counts as a version does."""
        root = Path(__file__).parents[1]
        files = sorted((str(path.relative_to(root)), path.stat()) for path in root.rglob("*.py"))
        facts = [f"{name} {stat.st_mtime_ns} {stat.st_size}" for name, stat in files]
        return "\n".join([*facts, *(f"{name} {_version(name)}" for name in _PACKAGES)])


def _digest(path: Path) -> str | None:
    """Of what a file says; None where there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "?"
