"""Compiles every kernel that an example's `main()` calls at its sizes on a GPU, for four targets and without any of them: registers,
spills, where the machine code touches what is spilled, shared memory, whether it fits; writes JSON.

python -m benchmarks.real_sizes OUTPUT.json [--only NAME,...] [--targets sm_90,...] [--jobs N]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import torch
import triton

from benchmarks.local_memory import local_memory
from benchmarks.main_calls import specializations
from helion import compiler
from helion.codegen.triton_module import TritonModule
from helion.offline.artifact import Artifact, CompileFailure
from helion.offline.worker import CompileWorker
from helion.target import Target, find_target

EXAMPLES = Path(__file__).parents[1] / "examples"
# Of one kernel, on a machine that has other things to do.
_SECONDS = 600.0
TARGETS = ("sm_80", "sm_90", "sm_100", "gfx950")


def generated(examples: Sequence[str], targets: Sequence[Target]) -> Iterator[tuple[dict[str, Any], TritonModule, Target]]:
    """Each specialization of the examples' kernels, with its default config or the only one that it has, in words and in Triton."""
    for example, bound in ((name, bound) for name in examples for bound in specializations(name)):
        told = {"example": example, "kernel": bound.kernel.name, "arguments": str(bound.signature)}
        for target in targets:
            space = compiler.config_space(bound.ir, target)
            config = space.normalize(bound.configs[0]) if len(bound.configs) == 1 else space.default()
            named = {**told, "target": target.name, "config": repr(space.minimize(config))}
            yield named, compiler.generate(bound.ir, config, target), target


def resources(result: Artifact | CompileFailure) -> Mapping[str, Any]:
    """What a compiled kernel takes, or the last line of why it is none."""
    if isinstance(result, CompileFailure):
        return {"failed": result.message.strip().splitlines()[-1]}
    return {**result.resources(), **({"local_memory": asdict(local_memory(result))} if result.spills else {})}


@contextmanager
def compiling(jobs: int) -> Iterator[Callable[[TritonModule, Target], Artifact | CompileFailure]]:
    """A function that compiles in one of so many processes, which may die of it; threads may call it."""
    idle: SimpleQueue[CompileWorker] = SimpleQueue()

    def compile_one(module: TritonModule, target: Target) -> Artifact | CompileFailure:
        worker = idle.get()
        try:
            return worker.compile(module, target, _SECONDS)
        finally:
            idle.put(worker)

    with ExitStack() as stack:
        for _ in range(jobs):
            idle.put(stack.enter_context(CompileWorker()))
        yield compile_one


def found_target(name: str) -> Target:
    target = find_target(name)
    assert target is not None, f"there is no target {name}"
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--only", default="", help="examples' names")
    parser.add_argument("--targets", default=",".join(TARGETS))
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    examples = options.only.split(",") if options.only else sorted(path.stem for path in EXAMPLES.glob("*.py"))
    command = " ".join(["python -m benchmarks.real_sizes", options.output.name, *sys.argv[2:]])
    told = {"torch": torch.__version__, "triton": triton.__version__, "command": command}
    kernels = list(generated(examples, [found_target(name) for name in options.targets.split(",")]))
    found: list[dict[str, Any]] = []
    with compiling(options.jobs) as compiled, ThreadPoolExecutor(options.jobs) as threads:
        results = threads.map(lambda kernel: resources(compiled(kernel[1], kernel[2])), kernels)
        for (named, *_), result in zip(kernels, results, strict=True):
            found.append({**named, **result})
            print(json.dumps(found[-1]), flush=True)
    options.output.write_text(json.dumps({**told, "kernels": found}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
