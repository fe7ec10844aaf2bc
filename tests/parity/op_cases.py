"""What a parity test of one operation is: a small kernel, how to make its arguments, and what torch gives for them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

import helion
from helion import compiler
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.target import find_target

Arguments = Callable[[torch.Generator], tuple[Any, ...]]


@dataclass(frozen=True)
class OpCase:
    """`function` is a kernel's undecorated function. `expected` takes clones of the arguments, which it may update in place as the
    kernel does, and gives what the kernel gives; arguments updated in place are compared as well. `not_eager` and `not_interpreted` say
    why reference mode or Triton's interpreter cannot run it."""

    name: str
    function: Callable[..., Any]
    arguments: Arguments
    expected: Callable[..., Any]
    tolerance: float = 1e-5
    draws: int = 4
    static_shapes: bool = True
    not_eager: str = ""
    not_interpreted: str = ""

    def __str__(self) -> str:
        return self.name if self.static_shapes else f"{self.name}, dynamic shapes"


def _kernel(case: OpCase, ref_mode: helion.RefMode) -> Any:
    return helion.kernel(
        case.function,
        static_shapes=case.static_shapes,
        autotune_effort="none",
        ref_mode=ref_mode,
        ignore_warnings=[helion.exc.BaseWarning],
        dot_precision="ieee",
    )


def _made(case: OpCase, device: str) -> tuple[Any, ...]:
    made = case.arguments(torch.Generator().manual_seed(0))
    return tuple(a.to(device) if isinstance(a, torch.Tensor) else a for a in made)


def _cloned(arguments: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(a.clone() if isinstance(a, torch.Tensor) else a for a in arguments)


def _compare(case: OpCase, run: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    mine, theirs = _cloned(arguments), _cloned(arguments)
    actual, wanted = run(*mine), case.expected(*theirs)
    updated = [(a, b) for a, b in zip(mine, theirs, strict=True) if isinstance(a, torch.Tensor)]
    for got, want in [(actual, wanted), *updated]:
        if isinstance(got, torch.Tensor) and got.is_floating_point() and got.itemsize == 1:
            got, want = got.float(), want.float()
        torch.testing.assert_close(got, want, rtol=case.tolerance, atol=case.tolerance, equal_nan=True)


def run_eagerly(case: OpCase) -> None:
    """The kernel's function in reference mode against torch."""
    _compare(case, _kernel(case, helion.RefMode.EAGER), _made(case, "cpu"))


def run_configs(case: OpCase, device: str = "cpu") -> None:
    """The default config and random ones against torch, on Triton's interpreter or a GPU."""
    arguments = _made(case, device)
    kernel = _kernel(case, helion.RefMode.OFF)
    bound = kernel.bind(_cloned(arguments))
    assert isinstance(bound, BoundKernel)
    _compare(case, kernel, arguments)
    for seed in range(case.draws):
        config = bound.config_spec.sample(random.Random(seed))
        try:
            _compare(case, bound.compile_config(config), arguments)
        except Exception as problem:
            if type(problem).__name__ in ("OutOfResources", "PTXASError"):
                continue  # more than the GPU has: the search drops those too
            problem.add_note(f"config: {bound.config_spec.minimize(config)!r}")
            raise


def compile_offline(case: OpCase, target: str = "sm_90") -> None:
    """The default config goes through Triton's compiler for a GPU that need not be there."""
    bound = BoundKernel(_kernel(case, helion.RefMode.OFF), _made(case, "cpu"))
    device = find_target(target)
    assert device is not None
    space = compiler.config_space(bound.ir, device)
    module = compiler.generate(bound.ir, space.default(), device)
    result = compile_module(module, device)
    assert isinstance(result, Artifact), f"{result}\n{module.text}"
