"""A small kernel with its arguments and what torch gives for them; one run of it in one way."""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils import _pytree as pytree

import helion
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel


@dataclass(frozen=True)
class Program:
    """`make(device)` gives the arguments, the same at every call; `expected(*arguments)` what the kernel returns, in its structure.
    `call` tells programs apart that call one kernel, and `not_on_gpu` says why it cannot run there."""

    kernel: Kernel
    make: Callable[[str], tuple[Any, ...]]
    expected: Callable[..., Any]
    not_on_gpu: str = ""
    tolerance: float = 1e-4
    call: int = 0

    @property
    def name(self) -> str:
        return f"{self.kernel.name}_{self.call}" if self.call else self.kernel.name


def run_program(module: str, name: str, way: str, seed: int | None = None, device: str = "cpu") -> None:
    """`way` is `static`, `dynamic` or `eager`; with a seed, under a random config. Raises AssertionError when the results differ."""
    program = next(p for p in importlib.import_module(module).PROGRAMS if p.name == name)
    mode = helion.RefMode.EAGER if way == "eager" else helion.RefMode.OFF
    kernel = helion.kernel(
        program.kernel.fn, static_shapes=way != "dynamic", autotune_effort="none", ref_mode=mode, dot_precision="ieee", ignore_warnings=[]
    )
    expected = program.expected(*program.make(device))
    arguments = kernel.normalize_args(*program.make(device))
    if seed is None:
        actual, words = kernel(*arguments), "the default config"
    else:
        bound = kernel.bind(arguments)
        assert isinstance(bound, BoundKernel)
        config = bound.config_spec.sample(random.Random(seed))
        words = repr(bound.config_spec.minimize(config))
        actual = bound.compile_config(config)(*arguments)
    assert_same(actual, expected, program.tolerance, words)


def assert_same(actual: Any, expected: Any, tolerance: float, words: str) -> None:
    """Two results agree: their structure, tensors within the tolerance, everything else exactly."""
    found, structure = pytree.tree_flatten(actual)
    wanted, wanted_structure = pytree.tree_flatten(expected)
    assert structure == wanted_structure, f"{structure} is not {wanted_structure}"
    for a, b in zip(found, wanted, strict=True):
        if isinstance(b, torch.Tensor):
            torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance, msg=lambda text: f"{text}\nunder {words}")
        else:
            assert a == b, f"{a!r} is not {b!r} under {words}"
