"""Kernels in many styles, none an example: they run, and the editor finds nothing wrong with them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from helion_lsp.worker.analysis import Analyzer
from helion_lsp.worker.details import Details

PATH = Path(__file__).with_name("valid_kernels.py")
TEXT = PATH.read_text(encoding="utf-8")

# Their results against eager torch where one line says what they are; Python runs them on the CPU.
CALLS = """
import torch
import torch.nn.functional as F
from tests.lsp import valid_kernels as k

torch.manual_seed(0)
x, y, v = torch.randn(10, 12), torch.randn(10, 12), torch.randn(12)
same = torch.testing.assert_close
same(k.no_annotations(x, y), x + y)
same(k.other_alias(x, y), x * y + k.SCALE)
same(k.rms(x, v), x * torch.rsqrt((x * x).mean(-1, keepdim=True) + k.EPS) * v)
same(k.optional_bias(x), F.relu(x))
same(k.optional_bias(x, v), F.relu(x + v))
same(k.with_helper(v, 2.0), (v * 2.0).clamp(-1.0, 1.0))
top, low = k.two_results(x)
same((top, low), (x.amax(1), x.amin(1)))
same(k.product_of_halves(x, y.t().contiguous()).float(), x @ y.t(), atol=0.1, rtol=0.1)
same(k.running_maximum(x), x.amax(1))
index = torch.tensor([3, 1, 9])
same(k.gather(x, index), x[index])
same(k.histogram(torch.tensor([0, 2, 2, 1]), 4), torch.tensor([1, 1, 2, 0], dtype=torch.int32))
same(k.masked_by_index(x), x.tril())
q = torch.randn(2, 5, 16)
same(k.specialized_rows(q), q / 4)
same(k.registered_block(x), x.mean(1))
same(k.grid_of_rows(x), x.softmax(1))
a, b = v.clone(), 2 * v
k.swap_in_place(a, b)
same((a, b), (2 * v, v))
same(k.several_configs(v), F.elu(v, 0.5))
same(k.Holder.doubled(x), 2 * x)
"""


def test_they_run() -> None:
    env = {**os.environ, "HELION_INTERPRET": "1", "PYTHONPATH": str(PATH.parents[2])}
    run = subprocess.run([sys.executable, "-c", CALLS], env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_nothing_is_wrong_with_them() -> None:
    analysis = Analyzer().analyse(str(PATH), TEXT)
    assert len(analysis["kernels"]) >= 15
    found = [(k["name"], d["code"], d["severity"]) for k in analysis["kernels"] for d in k["diagnostics"]]
    assert [*analysis["diagnostics"], *found] == [("product_of_halves", "rounded-accumulation", "warning")]


def test_nothing_is_wrong_with_unusual_ones() -> None:
    path = Path(__file__).with_name("unusual_kernels.py")
    analysis = Analyzer().analyse(str(path), path.read_text(encoding="utf-8"))
    assert len(analysis["kernels"]) >= 25
    found = [(k["name"], d["code"], d["message"]) for k in analysis["kernels"] for d in k["diagnostics"]]
    assert [*analysis["diagnostics"], *found] == []


def test_their_details_are_there() -> None:
    details = Details().details(str(PATH), TEXT, {})
    assert all(d["problem"] is None for d in details["kernels"].values())
    assert sum(bool(d["facts"]) for d in details["kernels"].values()) >= 7, "kernels whose ranks the text says"
