"""`python -m helion.autotuner.aot_runner` on a command that calls ahead-of-time kernels, on Triton's interpreter by a clock of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from helion.runtime.environment import environment_with

KERNELS = """
import torch, helion
import helion.language as hl

def clock(fns, *, repeat, desc=None):
    return [1.0 for _ in fns]

def extra():
    yield (torch.ones(96, 8), 2.0)

@helion.aot_kernel(
    autotune_benchmark_fn=clock,
    configs=[helion.Config(block_sizes=[16, 8]), helion.Config(block_sizes=[32, 8])],
    batched=[[None, 0], None],
    collect_fn=extra,
    autotune_log_level=0,
)
def scaled(x: torch.Tensor, factor: float) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * factor
    return out

@helion.aot_kernel
def clockless(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] + 1
    return out
"""
MAIN = """
import torch
import layers
for m, n in ((64, 8), (64, 16), (64, 8), (128, 8)):
    x = torch.randn(m, n)
    kept = x.clone()
    state = torch.get_rng_state()
    assert torch.equal(layers.scaled(x, 3.0), kept * 3)
    assert torch.equal(x, kept), "arguments stay as they were"
    assert torch.equal(torch.get_rng_state(), state), "so do torch's random numbers"
assert torch.equal(layers.clockless(torch.ones(4)), torch.full((4,), 2.0))
print("the command's own output")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("aot")
    (folder / "layers.py").write_text(KERNELS, encoding="utf-8")
    (folder / "main.py").write_text(MAIN, encoding="utf-8")
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = environment_with(TRITON_INTERPRET="1", HELION_CACHE_DIR=str(folder / "cache"))
    command = [sys.executable, "-m", "helion.autotuner.aot_runner", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)


def test_it_collects_measures_and_evaluates(folder: Path) -> None:
    ended = run(folder, "--effort", "none", "--json", "--output", "decisions", "--", sys.executable, "main.py")
    assert ended.stderr.count("the command's own output") == 4, ended.stderr
    report: dict[str, Any] = json.loads(ended.stdout)
    collected = {kernel["name"]: kernel["calls"] for kernel in report["collected"]}
    assert collected == {
        "scaled": {"f32[96,batch], float": 0, "f32[64,batch], float": 3, "f32[128,batch], float": 1},
        "clockless": {"f32[4]": 1},
    }
    assert "clockless, f32[4]: times in Triton's interpreter say nothing; give the kernel an autotune_benchmark_fn" in ended.stderr
    assert ended.returncode == 1, "a kernel that cannot be judged is no success"
    (path,) = map(Path, report["files"])
    assert path == Path("decisions/_helion_aot_layers_cpu.py")
    text = (folder / path).read_text(encoding="utf-8")
    assert "def autotune_scaled(*args):" in text
    assert "clockless" not in text
    assert '"f32[128,batch], float": -1,' in text, "all are as fast by this clock: the default stays"
    evaluated = {(one["name"], one["signature"]): one for one in report["evaluated"]}
    judged = evaluated["scaled", "f32[64,batch], float"]
    assert judged["is_default"]
    assert judged["default"]["us"] == judged["chosen"]["us"] == 1000.0
    assert judged["decision_file"] == str(folder / path)


def test_a_single_phase_goes_on_from_what_is_there(folder: Path) -> None:
    nothing = run(folder, "--phase", "measure", "--output", "empty", "--", sys.executable, "main.py")
    assert nothing.returncode == 3
    assert "run --phase collect first" in nothing.stderr
    ended = run(folder, "--phase", "evaluate", "--", sys.executable, "-c", "import torch, layers; layers.scaled(torch.ones(8, 8), 1.0)")
    assert ended.returncode == 0, ended.stderr
    assert "f32[8,batch], float  (the default, there is no decision file)" in ended.stdout


def test_what_goes_wrong_is_said(folder: Path) -> None:
    nothing = run(folder, "--", sys.executable, "-c", "print(1)")
    assert nothing.returncode == 3
    assert "called no ahead-of-time kernel: decorate with @helion.aot_kernel" in nothing.stderr
    failed = run(folder, "--", sys.executable, "-c", "raise SystemExit(7)")
    assert failed.returncode == 4
    assert "the command ended with 7 while collect ran; nothing is written" in failed.stderr
    absent = run(folder, "--", "no-such-command-here")
    assert absent.returncode == 2
    assert "`no-such-command-here` cannot be run: No such file" in absent.stderr
    assert run(folder).returncode == 2
