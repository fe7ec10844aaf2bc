"""Lets go of the pages of shared libraries that only loading them needed; they come back out of the page cache when they are used. Linux.

Loading torch and Triton runs thousands of registrations that lie all over their libraries, and the kernel maps sixteen pages for each that
is touched: 120 MB that stay mapped, so that they are the last to be reclaimed when memory is short, of which an analysis uses a tenth.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_DONT_NEED = 4
_MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ \S+ +/.*\.so(?:\.|$)")
_CHANGED = re.compile(r"Anonymous: +([0-9]+) kB")


def release_library_pages() -> None:
    """Nothing but memory changes: a page that was written to since it was read from its file is not let go."""
    if sys.platform != "linux":
        return
    advise = ctypes.CDLL(None).madvise
    with Path("/proc/self/smaps").open(encoding="utf-8") as lines:
        unchanged = list(unchanged_library_mappings(lines))
    for start, end in unchanged:
        advise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _DONT_NEED)


def unchanged_library_mappings(lines: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where libraries are mapped that cannot be written to and have no page of their own; `lines` are those of `smaps`."""
    mapping: tuple[int, int] | None = None
    for line in lines:
        if found := _MAPPING.match(line):
            mapping = int(found[1], 16), int(found[2], 16)
        elif mapping is not None and (changed := _CHANGED.match(line)):
            if changed[1] == "0":
                yield mapping
            mapping = None
