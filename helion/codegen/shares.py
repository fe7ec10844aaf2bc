"""Several programs that share out the rounds of one loop: how many, and which rounds each of them takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helion.device_ir.shared_walks import shared_walk
from helion.integers import next_power_of_2

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody
    from helion.device_ir.ir import GridLoop

# So many that those that are done early find others to do, and not more: one that finds no round of its own costs a start.
_PROGRAMS_OF_A_MULTIPROCESSOR = 4
_MOST = 32


@dataclass(frozen=True)
class Share:
    """Program `number` (text) of `count` takes the rounds `number`, `number + count`, ..."""

    number: str
    count: int

    def begin(self, begin: str, step: str) -> str:
        first = f"{self.number} * {step}"
        return first if begin == "0" else f"{begin} + {first}"

    def step(self, step: str) -> str:
        return f"{step} * {self.count}"


def share_count(body: KernelBody, loop: GridLoop, counts: Sequence[int]) -> tuple[int, int] | None:
    """The site of a loop that the programs of a grid loop share out, and among how many; `counts` are the tiles of the grid's axes.

    grouped_gemm of 8 groups of 1,600 to 2,560 rows is 128 programs of 13 to 20 tiles of rows: the longest took 1.22 times as long as an
    even share, and all of them together read the weights of all groups, 256 MB, in every round (1,243 µs; the tiles shared out by hand
    as `grouped_gemm_persistent` does 873 in the same run). Shared by four programs a multiprocessor 931, by eight 909, not at all 1,262.
    """
    wanted = _PROGRAMS_OF_A_MULTIPROCESSOR * body.target.multiprocessors / max(math.prod(counts), 1)
    count = min(next_power_of_2(math.ceil(wanted)), _MOST)
    if count == 1 or (site := shared_walk(body.ir, loop)) is None:
        return None
    return site, count
