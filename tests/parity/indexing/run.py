"""One case run in one way, compared with torch: what a test and the interpreter's process have in common."""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch

import helion
from helion.config.space import ConfigSpace
from helion.runtime.bound_kernel import BoundKernel
from tests.parity.indexing.case import ALIGNED, MISALIGNED, IndexCase, guarded
from tests.parity.indexing.cut import CUT
from tests.parity.indexing.loads import LOADS
from tests.parity.indexing.moved import MOVED
from tests.parity.indexing.stores import STORES
from tests.parity.indexing.views import VIEWS

CASES = {case.name: case for case in (*LOADS, *CUT, *MOVED, *STORES, *VIEWS)}
_FILL = -1.0
_STRATEGIES = ("tensor_descriptor", "block_ptr", "pointer")


@dataclass(frozen=True)
class Way:
    """How a case is run: eagerly, or compiled with the default config (no seeds) or random ones."""

    eager: bool = False
    static_shapes: bool = True
    seeds: int = 0
    device: str = "cpu"


def run_case(name: str, way: Way) -> None:
    """Raises AssertionError when a kernel writes anything else than torch does, beside its tensor too."""
    case = CASES[name]
    for seed in range(way.seeds) if way.seeds else (None,):
        _run(case, way, seed)


def _run(case: IndexCase, way: Way, seed: int | None) -> None:
    on_cpu = case.inputs()
    inputs = tuple(value.to(way.device) if isinstance(value, torch.Tensor) else value for value in on_cpu)
    guard = MISALIGNED if seed is not None and seed % 2 else ALIGNED
    out, buffer = guarded(case.out, _FILL, case.dtype, guard, way.device)
    expected, expected_buffer = guarded(case.out, _FILL, case.dtype, guard)
    case.expected(*on_cpu, expected)
    ref_mode = helion.RefMode.EAGER if way.eager else helion.RefMode.OFF
    kernel = helion.kernel(case.kernel, static_shapes=way.static_shapes, autotune_effort="none", ref_mode=ref_mode)
    if seed is None:
        kernel(*inputs, out)
        words = ""
    else:
        bound = kernel.bind((*inputs, out))
        assert isinstance(bound, BoundKernel)
        config = bound.normalized(_drawn(bound.config_spec, seed))
        words = f"config: {bound.config_spec.minimize(config)!r}"
        bound.compile_config(config)(*inputs, out)
    torch.testing.assert_close(buffer.cpu(), expected_buffer, rtol=2e-5, atol=1e-4, msg=lambda m: f"{m}\n{words}")


def _drawn(space: ConfigSpace, seed: int) -> dict[str, object]:
    """A random config; the strategies take turns, and so does whether loops are flattened, since few draws would show either."""
    drawn = dict(space.sample(random.Random(seed)))
    flat = drawn.get("flatten_loops")
    flattened = {} if not isinstance(flat, list) else {"flatten_loops": [seed % 2 == 0] * len(flat)}
    return {**drawn, **flattened, "indexing": _STRATEGIES[seed % len(_STRATEGIES)]}
