"""What the first kernel of a process takes, and the same kernel with other shapes and another config; prints JSON of milliseconds.

    python -m benchmarks.first_kernel NAME [LENGTH]

NAME is a key of `SHAPES`. Arguments have no data, so no GPU is needed: what Triton and the driver do is not in these times. Torch is
imported before the clock starts; `language` is `import helion` with what a file with a kernel uses of it.
"""

# ruff: noqa: E402 - what is imported is what is measured
# pyright: basic

from __future__ import annotations

import json
import statistics
import sys
import time

import torch

_began = time.perf_counter()
import helion

_imported = time.perf_counter()
import helion.language

_kernel = helion.kernel
_language = time.perf_counter()

import importlib
from typing import Any

SHAPES: dict[str, Any] = {
    "matmul": lambda n: [(n, n), (n, n)],
    "attention": lambda n: [(4, 32, n, 128)] * 3,
}
_LENGTHS = (4096, 8192, 2048, 1024, 6144, 3072)


def _milliseconds(began: float) -> float:
    return round((time.perf_counter() - began) * 1e3, 2)


def main() -> None:
    name = sys.argv[1]
    kernel = helion.kernel(getattr(importlib.import_module(f"examples.{name}"), name).fn, autotune_effort="none")
    shapes: list[float] = []
    configs: list[float] = []
    for length in _LENGTHS:
        arguments = tuple(torch.empty(shape, dtype=torch.bfloat16, device="meta") for shape in SHAPES[name](length))
        began = time.perf_counter()
        bound: Any = kernel.bind(arguments)
        default = bound.config_spec.default()
        bound.to_triton_code(default)
        shapes.append(_milliseconds(began))
        began = time.perf_counter()
        bound.to_triton_code(bound.config_spec.normalize({**default, "num_stages": default["num_stages"] + 1}))
        configs.append(_milliseconds(began))
    first, *others = shapes
    told = {
        "import_ms": round((_imported - _began) * 1e3, 2),
        "import_language_ms": round((_language - _began) * 1e3, 2),
        "first_bind_and_code_ms": first,
        "new_shape_ms": statistics.median(others),
        "second_config_ms": statistics.median(configs),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
