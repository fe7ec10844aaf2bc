"""How long the pipeline takes on this machine: import over torch, check, lower, code for a second config; JSON to standard output."""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from helion import compiler
from helion.settings import Settings
from helion.signatures.notation import signature_from_notation
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile
from helion.target import DEFAULT_TARGET
from helion.typecheck.global_names import FileGlobals

EXAMPLES = Path(__file__).parents[1] / "examples"
KERNELS = {
    "matmul": ("matmul.py", "bf16[8192,8192], bf16[8192,8192]"),
    "attention": ("attention.py", "bf16[4,32,4096,128], bf16[4,32,4096,128], bf16[4,32,4096,128]"),
}


def milliseconds(call: Callable[[], object], repeats: int = 30) -> float:
    """The median of some repetitions."""
    times: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e3)
    return round(statistics.median(times), 2)


def import_milliseconds() -> float:
    """`import helion` after `import torch`, in fresh processes."""
    program = "import torch, time; s = time.perf_counter(); import helion; print((time.perf_counter() - s) * 1e3)"
    runs = [float(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout) for _ in range(3)]
    return round(statistics.median(runs), 2)


def measure(file: str, name: str, arguments: str) -> dict[str, float]:
    """One kernel's stages, warm."""
    module = compiler.parse(SourceFile.read(EXAMPLES / file))
    kernel = next(k for k in module.kernels if k.name == name)
    signature = signature_from_notation(kernel, arguments)
    assert isinstance(signature, KernelSignature)

    def check() -> object:
        return compiler.check(kernel, signature, FileGlobals(module), Settings())

    check()
    typed = compiler.check(kernel, signature, FileGlobals(module), Settings())
    ir = compiler.lower(typed)
    space = compiler.config_space(ir, DEFAULT_TARGET)
    compiler.generate(ir, space.default(), DEFAULT_TARGET)
    rng = random.Random(0)
    return {
        "check_ms": milliseconds(check),
        "lower_ms": milliseconds(lambda: compiler.lower(typed)),
        "second_config_ms": milliseconds(lambda: compiler.generate(ir, space.sample(rng), DEFAULT_TARGET)),
    }


def main() -> None:
    """Print all of it."""
    results = {name: measure(file, name, arguments) for name, (file, arguments) in KERNELS.items()}
    print(json.dumps({"command": "python benchmarks/compile_latency.py", "import_ms": import_milliseconds(), **results}, indent=2))


if __name__ == "__main__":
    main()
