"""What a time depends on beside the versions of libraries: the driver and the clocks, as `nvidia-smi` tells them, and the commit."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_CLOCKS = {"sm": "clocks.sm", "memory": "clocks.mem", "max_sm": "clocks.max.sm", "max_memory": "clocks.max.mem"}


def driver_and_clocks(gpu: str) -> dict[str, Any]:
    """Of one GPU, by its `GPU-<uuid>` or its number; the clocks as they are now, in MHz, and at most. Empty without `nvidia-smi`; a clock
    that it does not tell is left out."""
    query = ",".join(("driver_version", *_CLOCKS.values()))
    answer = _said(("nvidia-smi", f"--id={gpu}", f"--query-gpu={query}", "--format=csv,noheader,nounits"))
    if answer is None:
        return {}
    driver, *clocks = (text.strip() for text in answer.split(","))
    return {"driver": driver, "clocks_mhz": {name: int(text) for name, text in zip(_CLOCKS, clocks, strict=True) if text.isdigit()}}


def commit_of(folder: Path) -> dict[str, str]:
    """The commit that is checked out, `-dirty` where tracked files differ from it; empty outside a checkout."""
    answer = _said(("git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"))
    return {} if answer is None else {"commit": answer}


def _said(command: Sequence[str]) -> str | None:
    """None where there is no such program or it fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
