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


_PRODUCT = """
import sys
import torch
import helion
from examples.matmul import matmul
from examples.softmax import softmax

def code(kernel, count):
    arguments = [torch.empty(64, 64, dtype=torch.bfloat16, device="meta") for _ in range(count)]
    bound = helion.kernel(kernel.fn, autotune_effort="none").bind(arguments)
    bound.to_triton_code(bound.config_spec.default())
    return "torch._inductor.lowering" in sys.modules

print(code(matmul, 2), code(softmax, 1))
"""


def test_code_of_our_own_ops_alone_imports_no_inductor() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run([sys.executable, "-c", _PRODUCT], env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert found.stdout.split() == ["False", "True"]
