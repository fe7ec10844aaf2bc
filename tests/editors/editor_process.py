"""The command line of an editor without a screen in, the JSON that its script wrote out; knows of no editor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SECONDS = 240


def answers(command: Sequence[str], folder: Path) -> dict[str, Any]:
    """What the editor wrote to `answers.json`; nothing of this user's own configuration is read."""
    home = folder / "home"
    home.mkdir()
    xdg = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, **xdg, "HOME": str(home), "PATH": path, "TERM": "dumb"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS)
    found = folder / "answers.json"
    assert found.exists(), f"the editor exited with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return json.loads(found.read_text(encoding="utf-8"))
