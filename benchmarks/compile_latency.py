"""How long the pipeline takes on this machine: import over torch, the first kernel of a process, check, lower, code for a new shape and
for a second config; JSON to standard output. Run it on an idle machine.
"""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
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


def in_fresh_processes(name: str, runs: int = 5) -> dict[str, float]:
    """The medians of what `benchmarks.first_kernel` tells of a kernel. Modules are read as byte code, as those of an installed package
    are: a first process, which is not counted, writes it. Where Python is told not to, it compiles the whole text at every start."""
    command = [sys.executable, "-m", "benchmarks.first_kernel", name]
    inherited = {variable: value for variable, value in os.environ.items() if variable != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        environment = {**inherited, "PYTHONPYCACHEPREFIX": folder}
        printed = [subprocess.check_output(command, env=environment, cwd=EXAMPLES.parent, text=True) for _ in range(runs + 1)]
    found = [json.loads(text) for text in printed[1:]]
    return {step: round(statistics.median(one[step] for one in found), 2) for step in found[0]}


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
        "code_ms": milliseconds(lambda: compiler.generate(ir, space.sample(rng), DEFAULT_TARGET)),
    }


def main() -> None:
    """Print all of it."""
    told: dict[str, object] = {
        "command": "python benchmarks/compile_latency.py",
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }
    for name, (file, arguments) in KERNELS.items():
        fresh = in_fresh_processes(name)
        told |= {step: fresh.pop(step) for step in ("import_ms", "import_language_ms")}
        told[name] = {**measure(file, name, arguments), **fresh}
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
