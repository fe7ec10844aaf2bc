"""Pyright over the files of a folder: what users' editors say."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NEEDS_PYRIGHT = pytest.mark.skipif(importlib.util.find_spec("pyright") is None, reason="needs pyright")


def said_by_pyright(folder: Path, **options: Any) -> list[dict[str, Any]]:
    """Of a project of its own, with these options."""
    (folder / "pyrightconfig.json").write_text(json.dumps({"include": ["."], **options}), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "--project", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout)["generalDiagnostics"]
