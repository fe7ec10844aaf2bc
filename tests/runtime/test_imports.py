"""What importing costs: decorating a kernel, and running it eagerly, need neither triton nor TorchInductor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

_SCRIPT = """
import sys
sys.modules["triton"] = None
import torch
import helion
import helion.language as hl
from examples.softmax import softmax

x = torch.randn(5, 7)
torch.testing.assert_close(helion.kernel(softmax.fn, ref_mode=helion.RefMode.EAGER)(x), x.softmax(1))
print(sorted(m for m in sys.modules if m.split(".")[0] in ("triton", "sklearn", "libcst") or m.startswith("torch._inductor.")))
"""


def test_decorating_and_running_eagerly_import_no_compiler() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run([sys.executable, "-c", _SCRIPT], env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == "['triton']"
