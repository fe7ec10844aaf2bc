"""All cases of all operations, by name."""

from __future__ import annotations

from tests.parity.op_cases import run_configs
from tests.parity.ops import atomics, products, tunables

CASES = {str(case): case for module in (atomics, products, tunables) for case in module.CASES}


def interpret_case(name: str) -> None:
    """What the interpreter's process is asked to run."""
    run_configs(CASES[name])
