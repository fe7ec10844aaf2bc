"""Tuning on a GPU: measured, locked, gone on from after a kill, and failing with its causes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

import helion
import helion.language as hl
from helion import exc
from helion.autotuner import LFBOTreeSearch
from helion.runtime.bound_kernel import BoundKernel

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")]

FILE = """
import torch
import helion
import helion.language as hl


def example_inputs():
    for m, dtype in ((512, torch.bfloat16), (1024, torch.float16)):
        yield torch.randn(m, 512, device="cuda", dtype=dtype), torch.randn(512, 256, device="cuda", dtype=dtype)


@helion.kernel(inputs=example_inputs)
def matmul(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, k = x.size()
    _, n = y.size()
    out = torch.empty([m, n], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
        out[tile_m, tile_n] = acc
    return out
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELION_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def name(tmp_path: Path) -> str:
    path = tmp_path / "products.py"
    path.write_text(FILE, encoding="utf-8")
    return f"{path}::matmul"


def helion_tune(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "helion", "tune", *arguments]


def test_every_example_is_measured_and_locked(name: str) -> None:
    done = subprocess.run(helion_tune(name, "--budget", "15", "--lock"), capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    path = Path(name.partition("::")[0])
    entries = json.loads(path.with_name("products.py.helion.lock").read_text())["entries"]
    assert {entry["signature"] for entry in entries} == {"bf16[512,512], bf16[512,256]", "f16[1024,512], f16[512,256]"}
    assert all(entry["method"] == "measured" and entry["correctness"]["passed"] for entry in entries)
    assert "estimated" not in done.stdout
    program = (
        f"import sys; sys.path.insert(0, {str(path.parent)!r}); import products, torch;"
        "args = next(iter(products.example_inputs())); print(products.matmul.explain(*args));"
        "torch.testing.assert_close(products.matmul(*args), args[0] @ args[1], rtol=3e-2, atol=3e-1)"
    )
    used = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=300)
    first = next(entry for entry in entries if entry["signature"].startswith("bf16"))
    words = f"the default config: {first['verdict']}" if first.get("kept") else "locked for exactly this signature"
    assert words in used.stdout


def test_a_killed_tuning_measures_nothing_twice(name: str, tmp_path: Path) -> None:
    arguments = helion_tune(name, "--args", "bf16[512,512], bf16[512,256]", "--json", "--budget")
    process = subprocess.Popen([*arguments, "120"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 100
    while len(logged(tmp_path)) < 10 and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = len(logged(tmp_path))
    done = subprocess.run([*arguments, "40"], capture_output=True, text=True, check=True, timeout=300)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[0]["resumed"] >= kept >= 10
    assert events[-1]["event"] == "result"
    codes = [record["code"] for record in logged(tmp_path) if record["code"]]
    assert len(codes) == len(set(codes)) >= kept


def logged(folder: Path) -> list[dict]:
    lines = [line for path in folder.rglob("*.jsonl") for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
    return [record for line in lines if line and (record := json.loads(line))["kind"] == "trial"]


def added(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = torch.exp(x[tile]) + 1
    return out


def matmul(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, k = x.size()
    _, n = y.size()
    out = torch.empty([m, n], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
        out[tile_m, tile_n] = acc
    return out


def test_a_first_call_with_the_shortest_budget_runs_the_default() -> None:
    kernel = helion.kernel(added, autotune_budget_seconds=1e-6)
    x = torch.randn(1000, 1000, device="cuda")
    torch.testing.assert_close(kernel(x), x.exp() + 1)


def test_what_was_tuned_at_a_call_is_cached(capsys: pytest.CaptureFixture[str]) -> None:
    x = torch.randn(1000, 1000, device="cuda")
    options = {"autotune_effort": "quick", "autotune_budget_seconds": 10.0}
    helion.kernel(added, **options)(x)
    assert "Autotuning complete" in capsys.readouterr().err
    torch.testing.assert_close(helion.kernel(added, **options)(x), x.exp() + 1)
    said = capsys.readouterr().err
    assert said.startswith("Using cached config:\n\t@helion.kernel(config=")
    assert "Autotuning" not in said


def test_configs_that_ask_for_too_much_are_told_apart() -> None:
    big = [helion.Config(block_sizes=[256, 256, 256], num_stages=stages) for stages in (4, 5)]
    x = torch.randn(1024, 1024, device="cuda", dtype=torch.float32)
    with pytest.raises(exc.NoConfigFound, match="2 out-of-resources") as raised:
        helion.kernel(matmul, configs=big)(x, x)
    assert "smaller block sizes" in str(raised.value)


def test_wrong_results_are_the_reason_given() -> None:
    x = torch.randn(1000, 1000, device="cuda")
    with pytest.raises(exc.NoConfigFound, match="gives the reference's results"):
        helion.kernel(added, autotune_baseline_fn=lambda x: x.exp(), autotune_budget_seconds=10.0, autotune_effort="none").autotune((x,))


def test_a_learned_search_measures() -> None:
    x = torch.randn(512, 512, device="cuda", dtype=torch.bfloat16)
    bound = helion.kernel(matmul, autotune_budget_seconds=30.0).bind((x, x))
    assert isinstance(bound, BoundKernel)
    config = LFBOTreeSearch(bound, (x, x), initial_population=15, copies=1, max_generations=2, num_neighbors=40).autotune()
    torch.testing.assert_close(bound.compile_config(config)(x, x), x @ x, rtol=3e-2, atol=5e-1)
