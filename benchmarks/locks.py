"""What locks and checks cost on this machine: selection a call, `helion check` of 50 kernels, `refresh audit` of the examples; JSON out."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"
_KERNEL = """
@helion.kernel(configs={{"NVIDIA H200": {{"f32[1024,512]": helion.Config(block_sizes=[4])}}}})
def kernel_{number}(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = torch.empty_like(x)
    for tile_m in hl.tile(m):
        row = x[tile_m, :].to(torch.float32) * {number}
        row = row - row.amax(dim=1, keepdim=True)
        out[tile_m, :] = (torch.exp(row) / torch.exp(row).sum(dim=1, keepdim=True) + y[tile_m, :]).to(x.dtype)
    return out
"""
_CALL = """
import json, statistics, sys, time
sys.path.insert(0, {folder!r})
import torch, helion
from timed import plain, locked, several
def nanoseconds(kernel, x):
    bound = kernel.bind((x,))
    calls = 0
    def launch(*args):
        nonlocal calls
        calls += 1
    bound.compile_config = lambda config, **options: launch
    kernel(x)
    runs = []
    for _ in range(15):
        start = time.perf_counter_ns()
        for _ in range(4000):
            kernel(x)
        runs.append((time.perf_counter_ns() - start) / 4000)
    assert calls > 60000
    return round(min(runs))
x = torch.empty(64, 32)
kernels = {{"no_lock": plain, "locked": locked, "several_locks_dynamic_sizes": several}}
print(json.dumps({{name: nanoseconds(kernel, x) for name, kernel in kernels.items()}}))
"""
_TIMED = """
import torch
import helion
import helion.language as hl

TABLE = {"*": {"f32[64,32]": helion.Config(block_sizes=[8, 32]), "f32[64,512]": helion.Config(block_sizes=[2, 512])}}


def copy(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile]
    return out


plain = helion.kernel(copy, config=helion.Config(block_sizes=[8, 32]))
locked = helion.kernel(copy, configs=TABLE)
several = helion.kernel(copy, configs=TABLE, static_shapes=False)
"""


def nanoseconds_a_call() -> dict[str, int]:
    """The host's time of a call without its launch: what finding the specialization and its config costs."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "timed.py").write_text(_TIMED, encoding="utf-8")
        environment = {**os.environ, "TRITON_INTERPRET": "1"}
        command = [sys.executable, "-c", _CALL.format(folder=folder)]
        return json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.splitlines()[-1])


def seconds(call: Callable[[], object], repeats: int) -> float:
    """The median of some repetitions."""
    times: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return round(statistics.median(times), 3)


def check_of_50_kernels() -> dict[str, float]:
    """Whole processes: cold imports the compiler and checks all, warm finds everything known, one edited checks one file of ten again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        head = "import torch\nimport helion\nimport helion.language as hl\n"
        for file in range(10):
            kernels = "".join(_KERNEL.format(number=file * 5 + n) for n in range(5))
            (folder / f"kernels_{file}.py").write_text(head + kernels, encoding="utf-8")
        command = [sys.executable, "-m", "helion", "check", str(folder), "--cache-dir", str(folder / ".cache")]

        def check(*options: str) -> None:
            subprocess.run([*command, *options], check=True, capture_output=True)

        cold = seconds(lambda: check("--no-cache"), 3)
        check()
        warm = seconds(check, 5)
        edited = folder / "kernels_3.py"
        edited.write_text(edited.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
        return {"cold": cold, "warm": warm, "one_of_ten_files_edited": seconds(check, 1)}


def audit_of_examples() -> float:
    """A whole process."""
    command = [sys.executable, "-m", "helion", "refresh", "audit", str(EXAMPLES), "--device", "NVIDIA H200", "--json"]
    return seconds(lambda: subprocess.run(command, check=True, capture_output=True), 3)


if __name__ == "__main__":
    print(
        json.dumps(
            {
                "selection_ns_a_call": nanoseconds_a_call(),
                "check_50_kernels_s": check_of_50_kernels(),
                "refresh_audit_examples_s": audit_of_examples(),
                "examples": len(list(EXAMPLES.glob("*.py"))),
            },
            indent=2,
        )
    )
