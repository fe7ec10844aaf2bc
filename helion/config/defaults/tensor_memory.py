"""How much tensor memory the sums of a kernel with dots take on Blackwell: 512 columns of 128 lanes of 32 bits, a multiprocessor.

Triton gives every product of a loop columns of its own, where the next of an unrolled row of products adds to what the one before left
too, and keeps them for as long as the loop runs. Compiled for sm_100, conv2d with its nine products: 2,304 columns with tiles of 128 by
256, 576 of 128 by 64, 640 of 64 by 128; those of 64 by 64 fit (320, for which a power of two is allocated: 512).
"""

from __future__ import annotations

from collections.abc import Iterable

COLUMNS = 512
_LANES = 128
# Products of fewer rows are not those that write to tensor memory.
FEWEST_ROWS = 64


def columns_of(sums: Iterable[tuple[int, int]]) -> int:
    """The columns of sums of so many rows and columns of 32 bits. A sum of 64 rows takes half of the lanes, beside another such."""
    halves = [0, 0]
    whole = 0
    for rows, width in sorted(sums, key=lambda shape: -shape[1]):
        if rows >= _LANES:
            whole += width * (rows // _LANES)
        elif rows >= FEWEST_ROWS:
            halves[halves.index(min(halves))] += width
    return whole + max(halves)
