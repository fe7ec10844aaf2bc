"""Examples that multiply groups of rows by a matrix of each group, with groups that have no rows."""

from __future__ import annotations

from examples import grouped_gemm
from tests.parity.case import Case, Shapes, normal
from tests.parity.jagged_cases import offsets

_GROUPS: tuple[Shapes, ...] = (
    ((1, 1), (1, 1, 1), (2,)),
    ((37, 24), (5, 24, 50), (6,)),
    ((64, 16), (2, 16, 32), (3,)),
    ((0, 8), (3, 8, 5), (4,)),
)

GROUPED_CASES = (
    *(
        Case(kernel.name, kernel, grouped_gemm.reference, _GROUPS, draws=(normal, normal, offsets))
        for kernel in (grouped_gemm.grouped_gemm, grouped_gemm.grouped_gemm_persistent)
    ),
)
