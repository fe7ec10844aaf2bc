"""Every choice of every knob changes the generated code, where the kernel's accesses allow it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch

import helion
import helion.language as hl
from examples.attention import attention
from examples.matmul import matmul
from examples.softmax import softmax
from helion.runtime.bound_kernel import BoundKernel
from helion.runtime.kernel import Kernel

# Under persistent programs even the grid loop is a loop, and so has all the options of one.
_PERSISTENT = {"pid_type": "persistent_interleaved"}


@helion.kernel
def scaled_tiles(x: torch.Tensor) -> torch.Tensor:
    """A loop that can be flattened, around one that can be unrolled."""
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile([x.size(0), x.size(1)]):
        scaled = x[tile_m, tile_n]
        for power in range(1, 4):
            scaled = scaled * power
        out[tile_m, tile_n] = scaled
    return out


@pytest.mark.parametrize(
    ("kernel", "shape", "count", "config", "without_effect"),
    [
        (matmul, (256, 256), 2, {"block_sizes": [32, 32, 32]}, set()),
        (softmax, (256, 4096), 1, {"block_sizes": [16], "reduction_loops": [256]}, set()),
        (attention, (1, 2, 256, 64), 3, {"block_sizes": [1, 64, 32]}, set()),
        (scaled_tiles, (64, 96), 1, {"block_sizes": [4, 16]}, set()),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_every_choice_changes_the_code(
    kernel: Kernel,
    shape: tuple[int, ...],
    count: int,
    config: dict[str, Any],
    without_effect: set[tuple[str, str, object]],
) -> None:
    bound = helion.kernel(kernel.fn).bind([torch.empty(shape, device="meta")] * count)
    assert isinstance(bound, BoundKernel)
    base = dict(bound.normalized({**config, **_PERSISTENT}))
    plain = bound.to_triton_code(base)
    same = {(key, site, choice) for key, site, choice, changed in _changes(bound, base) if bound.to_triton_code(changed) == plain}
    assert same == without_effect


def _changes(bound: BoundKernel, base: dict[str, Any]) -> Iterator[tuple[str, str, object, dict[str, Any]]]:
    """Every config that differs from `base` in one slot."""
    for knob in bound.config_spec.knobs:
        key = knob.knob.key
        for position, slot in enumerate(knob.slots):
            current = base.get(key, slot.default)
            for choice in slot.choices:
                value = choice
                if knob.knob.is_list:
                    value = list(base[key])
                    if value[position] == choice:
                        continue
                    value[position] = choice
                if value != current:
                    yield key, slot.site, choice if choice.__hash__ is not None else str(choice), {**base, key: value}
