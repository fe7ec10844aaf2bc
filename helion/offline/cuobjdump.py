"""A cubin in, the text out that NVIDIA's `cuobjdump`, which ships with Triton, prints of it."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import triton

_TOOL = Path(triton.__file__).parent / "backends" / "nvidia" / "bin" / "cuobjdump"
_SECONDS = 20


def cuobjdump(cubin: bytes, *options: str) -> str:
    """Raises RuntimeError with the tool's words when it fails."""
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        command = [str(_TOOL), *options, file.name]
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
    if run.returncode:
        msg = f"cuobjdump {' '.join(options)}: {run.stderr.strip() or run.stdout.strip()}"
        raise RuntimeError(msg)
    return run.stdout
