"""Generated code that stands alone: it runs in a process that cannot import the toolkit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import triton

import helion
from examples.matmul import matmul
from examples.softmax import softmax
from helion.runtime.bound_kernel import BoundKernel
from tests.language.structures import host_control_flow

# Text that stands alone runs in Triton's interpreter as that is: the toolkit, which mends it, is not there.
_INTERPRETER_COUNTS = not (triton.__version__.startswith("3.6.") and np.lib.NumpyVersion(np.__version__) >= "2.4.0")
_CHECK = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "helion":
            raise ImportError("the toolkit is not here")
sys.meta_path.insert(0, Refuse())
import generated, torch
x = torch.randn(37, 53)
"""


def _text(
    kernel: helion.Kernel, arguments: tuple[object, ...], monkeypatch: pytest.MonkeyPatch, pid_type: str = "flat", *, static: bool = True
) -> str:
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    bound = helion.kernel(kernel.fn, static_shapes=static).bind(kernel.normalize_args(*arguments))
    assert isinstance(bound, BoundKernel)
    config = {**bound.config_spec.default().config, "pid_type": pid_type}
    return bound.to_code(config, options=helion.OutputCodeOptions(allow_helion_deps=False))


@pytest.mark.parametrize(
    ("kernel", "arguments", "check"),
    [
        (softmax, (torch.empty(37, 53),), "torch.testing.assert_close(generated.softmax(x), x.softmax(-1))"),
        (
            matmul,
            (torch.empty(37, 53), torch.empty(53, 37)),
            "torch.testing.assert_close(generated.matmul(x, x.t().contiguous()), x @ x.t())",
        ),
    ],
    ids=["softmax", "matmul"],
)
@pytest.mark.parametrize("pid_type", ["flat", "persistent_blocked"])
def test_code_stands_alone(
    kernel: helion.Kernel, arguments: tuple[object, ...], check: str, pid_type: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = _text(kernel, arguments, monkeypatch, pid_type)
    if pid_type != "flat" and not _INTERPRETER_COUNTS:
        pytest.skip("Triton 3.6's own interpreter loops to no bound that a kernel computes under NumPy 2.4: it makes an int of an array")
    done = _run(text, check, tmp_path)
    assert done.returncode == 0, done.stderr


def _run(text: str, check: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "generated.py").write_text(text, encoding="utf-8")
    environment = {**os.environ, "TRITON_INTERPRET": "1", "PYTHONPATH": str(folder)}
    return subprocess.run([sys.executable, "-c", _CHECK + check], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_code_for_aligned_rows_takes_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here such calls have code of their own."""
    text = _text(softmax, (torch.empty(16, 64),), monkeypatch, static=False)
    right = _run(text, "x = torch.randn(37, 128); torch.testing.assert_close(generated.softmax(x), x.softmax(-1))", tmp_path)
    assert right.returncode == 0, right.stderr
    assert (
        "ValueError: this code is for calls where x.stride()[0] is a multiple of 8" in _run(text, "generated.softmax(x)", tmp_path).stderr
    )


def scaled(x: torch.Tensor) -> torch.Tensor:
    """A host function that reads a name of this module."""
    return x * _SCALE


_SCALE = 2.0


@helion.kernel
def reads_a_global(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(scaled(x))
    for tile in helion.language.tile(x.size()):
        out[tile] = x[tile]
    return out


def test_code_that_reads_the_module_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(helion.exc.InvalidAPIUsage, match="scaled"):
        _text(reads_a_global, (torch.empty(3, 4),), monkeypatch)


def test_code_without_globals_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "helion" not in _text(host_control_flow, (torch.empty(45), 20, True), monkeypatch).replace("_helion_", "")
