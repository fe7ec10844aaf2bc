"""A kernel has one text in every process: caches of compiled code, on disk, go by it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# With sizes as arguments these have sums and products of several.
NAMES = ("concatenate", "conv2d strided", "geglu", "low_mem_dropout")
_TEXTS = """
import json, sys
import helion
from helion import compiler
from helion.runtime.bound_kernel import BoundKernel
from helion.target import DEFAULT_TARGET
from tests.parity.cases import CASES

texts = {}
for case in CASES:
    if case.name in sys.argv[1:]:
        kernel = helion.kernel(case.kernel.fn, static_shapes=False, autotune_effort="none")
        bound = BoundKernel(kernel, kernel.normalize_args(*case.arguments(1, case.dtypes[-1], "cpu")))
        config = compiler.config_space(bound.ir, DEFAULT_TARGET).default()
        texts[case.name] = [str(config), compiler.generate(bound.ir, config, DEFAULT_TARGET).text]
print(json.dumps(texts))
"""


def _texts(hash_seed: int) -> dict[str, list[str]]:
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    command = [sys.executable, "-W", "ignore", "-c", _TEXTS, *NAMES]
    return json.loads(subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout)


def test_the_order_of_sets_does_not_show() -> None:
    first = _texts(1)
    assert set(first) == set(NAMES)
    assert _texts(2) == first
