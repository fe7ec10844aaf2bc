"""How long `lock` takes for one kernel of a 5,000-line file: `python -m benchmarks.lock_latency > benchmarks/results/lock_latency.json`."""

from __future__ import annotations

import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from helion_codemods.apply import lock_file
from helion_codemods.commands.lock import lock_config
from helion_codemods.outcome import Rewritten

_LINES = 5_000
_ROUNDS = 15
_KERNEL = '''

@helion.kernel(
    configs={
        "sm_80": helion.Config(block_sizes=[32, 32]),
    },
)
def kernel_%d(x: torch.Tensor) -> torch.Tensor:
    """Twice each element."""
    m, n = x.size()
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile([m, n]):
        out[tile_m, tile_n] = x[tile_m, tile_n] * 2  # by two
    return out
'''


def large_file() -> str:
    """Kernels with one lock each, until there are as many lines as asked for."""
    head = "import helion\nimport helion.language as hl\nimport torch\n"
    per_kernel = _KERNEL.count("\n")
    kernels = "".join(_KERNEL % number for number in range(_LINES // per_kernel + 1))
    return head + kernels


def seconds(work: Callable[[int], object]) -> list[tuple[float, float]]:
    """Of each round, by the clock and of the processor: machines have other work too."""
    found: list[tuple[float, float]] = []
    for number in range(_ROUNDS):
        start, used = time.perf_counter(), time.process_time()
        work(number)
        found.append((time.perf_counter() - start, time.process_time() - used))
    return found


def _row(rounds: list[tuple[float, float]]) -> dict[str, float]:
    clock, processor = zip(*rounds, strict=True)
    return {
        "median_ms": round(1000 * statistics.median(clock), 1),
        "worst_ms": round(1000 * max(clock), 1),
        "median_processor_ms": round(1000 * statistics.median(processor), 1),
    }


def _lock(text: str, number: int) -> None:
    outcome = lock_config(text, "kernel_170", device="NVIDIA H200", signature="f32[64,64]", config={"block_sizes": [64, number + 1]})
    assert isinstance(outcome, Rewritten) and outcome.text != text


def _lock_file(path: Path, number: int) -> None:
    device, config = "NVIDIA H200", {"block_sizes": [64, number + 1]}
    outcome = lock_file(path, "kernel_170", device=device, signature="f32[64,64]", config=config, evidence={"method": "given"})
    assert isinstance(outcome, Rewritten)


def main() -> None:
    text = large_file()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kernels.py"
        path.write_text(text, encoding="utf-8")
        measured = {
            "text to text": seconds(lambda number: _lock(text, number)),
            "file and evidence, under locks and a journal": seconds(lambda number: _lock_file(path, number)),
        }
    rows = {name: _row(rounds) for name, rounds in measured.items()}
    facts = {"lines": text.count("\n"), "kernels": text.count("@helion"), "rounds": _ROUNDS, "python": platform.python_version()}
    print(json.dumps({**facts, **rows}, indent=2))


if __name__ == "__main__":
    main()
