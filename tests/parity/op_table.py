"""All cases of all operations, by name."""

from __future__ import annotations

from tests.parity.op_cases import run_configs
from tests.parity.ops import (
    assembly,
    atomics,
    folds,
    packed_floats,
    picking,
    pointwise,
    products,
    random_numbers,
    reductions,
    scaled_products,
    scans,
    scattering,
    shapes,
    sorting,
    split_k,
    stacks,
    triton_code,
    tunables,
)

_FAMILIES = (
    assembly,
    atomics,
    folds,
    packed_floats,
    picking,
    pointwise,
    products,
    random_numbers,
    reductions,
    scaled_products,
    scans,
    scattering,
    shapes,
    sorting,
    stacks,
    split_k,
    triton_code,
    tunables,
)
CASES = {str(case): case for family in _FAMILIES for case in family.CASES}


def interpret_case(name: str) -> None:
    """What the interpreter's process is asked to run."""
    run_configs(CASES[name])
