"""One drawn kernel run in every way: what reference mode gives, compiled code must give, with whatever config and shapes."""

from __future__ import annotations

import importlib.util
import random
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

import helion
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel
from tests.fuzz.kernel import DrawnKernel, draw_kernel
from tests.language.program import assert_same

_RANDOM_CONFIGS = 2
_TOLERANCE = 1e-3
_BFLOAT16_TOLERANCE = 2e-2


def compare(seed: int, device: str = "cpu") -> None:
    """Raises AssertionError where two ways differ, and whatever a kernel raises: a drawn kernel is valid. The text is in the note."""
    drawn = draw_kernel(seed)
    try:
        with _loaded(drawn) as kernel:
            expected = _variant(kernel, ref_mode=helion.RefMode.EAGER)(*drawn.make(device))
            for static in (True, False):
                _compare_compiled(_variant(kernel, static_shapes=static), drawn, device, expected, "static" if static else "dynamic")
    except Exception as problem:
        problem.add_note(f"seed {seed}, {drawn.lengths}, {drawn.scalars}, {drawn.arguments}\n{drawn.source}")
        raise


def _compare_compiled(kernel: Kernel, drawn: DrawnKernel, device: str, expected: Any, way: str) -> None:
    arguments = kernel.normalize_args(*drawn.make(device))
    bound = kernel.bind(arguments)
    assert isinstance(bound, BoundKernel)
    spec = bound.config_spec
    configs = [spec.default(), *(spec.sample(random.Random(drawn.seed * 31 + n)) for n in range(_RANDOM_CONFIGS))]
    for config in configs:
        words = f"{way}, {spec.minimize(config)!r}"
        try:
            actual = bound.compile_config(config)(*arguments)
        except Exception as problem:
            if type(problem).__name__ in ("OutOfResources", "PTXASError"):
                continue
            problem.add_note(words)
            raise
        for a, b in zip(actual, expected, strict=True):
            assert_same(a, b, _BFLOAT16_TOLERANCE if b.dtype == torch.bfloat16 else _TOLERANCE, words)


def _variant(kernel: Kernel, **settings: Any) -> Kernel:
    return helion.kernel(kernel.fn, autotune_effort="none", dot_precision="ieee", ignore_warnings=[], **settings)


@contextmanager
def _loaded(drawn: DrawnKernel) -> Generator[Kernel]:
    """The kernel as a module's: the compiler reads a function's file."""
    name = f"fuzzed_{drawn.seed}"
    with tempfile.TemporaryDirectory(prefix="helion-fuzz-") as folder:
        path = Path(folder) / f"{name}.py"
        path.write_text(drawn.source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
            yield module.fuzzed
        finally:
            del sys.modules[name]
