"""Tunes the two kernels of the headline for at most two minutes each and reports TFLOP/s beside torch's.

    python benchmarks/tune_h200.py OUTPUT.json [--budget 120] [--dry-run]

The trial logs are written beside the output. `--dry-run` tunes by the model and measures nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from prepared_kernels import BenchmarkedKernel, prepare
from torch.nn.attention import SDPBackend, sdpa_kernel

from helion.autotune.device_timer import DeviceTimer
from helion.autotune.events import TuningEvent, TuningFinished, TuningPhase, TuningProgress
from helion.autotune.kernel_in_file import KernelInFile
from helion.autotune.measure_messages import SetUp
from helion.autotune.tune_kernel import MeasuredMethod, ModelMethod, TuneOptions, tune_kernel
from helion.offline.process import WorkerProcess, python_command
from helion.target import find_target

SIZE = 8192
BATCH, HEADS, LENGTH, HEAD = 4, 32, 4096, 128
QKV = f"bf16[{BATCH},{HEADS},{LENGTH},{HEAD}]"
KERNELS = (
    BenchmarkedKernel("matmul", "examples/matmul.py", "matmul", f"bf16[{SIZE},{SIZE}], bf16[{SIZE},{SIZE}]", 2.0 * SIZE**3),
    BenchmarkedKernel(
        "causal attention",
        "examples/attention.py",
        "causal_attention",
        f"{QKV}, {QKV}, {QKV}",
        4.0 * BATCH * HEADS * LENGTH**2 * HEAD / 2,
    ),
)


def torch_calls(kernel: BenchmarkedKernel) -> dict[str, Callable[[], Any]]:
    """What torch has for the kernel, by name."""
    make = lambda *shape: torch.randn(shape, device="cuda", dtype=torch.bfloat16)  # noqa: E731
    if kernel.name == "matmul":
        a, b = make(SIZE, SIZE), make(SIZE, SIZE)
        return {"cuBLAS": lambda: a @ b}
    q, k, v = (make(BATCH, HEADS, LENGTH, HEAD) for _ in range(3))

    def attention(backend: SDPBackend) -> Callable[[], Any]:
        def call() -> Any:
            with sdpa_kernel(backend):
                return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)

        return call

    return {"SDPA cuDNN": attention(SDPBackend.CUDNN_ATTENTION), "SDPA flash": attention(SDPBackend.FLASH_ATTENTION)}


def measure_torch(kernel: BenchmarkedKernel) -> dict[str, Any]:
    timer = DeviceTimer(torch.device("cuda"))
    found: dict[str, Any] = {}
    for name, call in torch_calls(kernel).items():
        try:
            timing = timer.time(call, None)
        except RuntimeError as error:
            found[name] = {"failed": str(error).splitlines()[0]}
            continue
        found[name] = {"us": timing.microseconds, "tflops": teraflops(kernel, timing.microseconds)}
    return found


def teraflops(kernel: BenchmarkedKernel, microseconds: float) -> float:
    return round(kernel.flops / microseconds / 1e6, 1)


def report(event: TuningEvent) -> None:
    match event:
        case TuningProgress() if event.improved:
            line = f"{event.elapsed_seconds:6.1f} s, {event.distinct} trials: {event.best_us:.1f} us {event.best_config}"
        case TuningPhase() | TuningFinished():
            line = str(event)
        case _:
            return
    print(f"    {line}", file=sys.stderr, flush=True)


def tune(kernel: BenchmarkedKernel, budget: float, output: Path, *, dry_run: bool) -> dict[str, Any]:
    target = find_target("sm_90")
    assert target is not None
    prepared = prepare(kernel, target)
    if dry_run:
        method: ModelMethod | MeasuredMethod = ModelMethod()
    else:
        payload = KernelInFile(str(kernel.path), kernel.qualname, kernel.arguments)
        process = WorkerProcess(python_command("helion.runtime.measure_process"))
        method = MeasuredMethod(process, SetUp(payload))
    options = TuneOptions(budget_seconds=budget, log_folder=output.parent, compile_seconds=30.0)
    result = tune_kernel(prepared.ir, prepared.space, target, method, options, emit=report)
    record = result.to_json()
    record["kernel"] = kernel.name
    record["arguments"] = kernel.arguments
    if record.get("us"):
        record["tflops"] = teraflops(kernel, record["us"])
        record["default_tflops"] = teraflops(kernel, record["default_us"]) if record["default_us"] else None
    record["torch"] = {} if dry_run else measure_torch(kernel)
    return record


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--budget", type=float, default=120.0)
    parser.add_argument("--kernels", default=",".join(kernel.name for kernel in KERNELS))
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()
    records: list[dict[str, Any]] = []
    for kernel in KERNELS:
        if kernel.name not in options.kernels.split(","):
            continue
        records.append(tune(kernel, options.budget, options.output, dry_run=options.dry_run))
        options.output.write_text(json.dumps(records, indent=1), encoding="utf-8")
        print(json.dumps(records[-1]), flush=True)


if __name__ == "__main__":
    main()
