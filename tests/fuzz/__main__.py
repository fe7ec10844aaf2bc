"""Compares the kernels of many seeds and tells which differ.

TRITON_INTERPRET=1 python -m tests.fuzz FIRST LAST [--seconds N] [--keep-going] [--show]     on Triton's interpreter
python -m tests.fuzz FIRST LAST --device cuda [--seconds N] [--keep-going]                   on a GPU

A seed that differs belongs in `_FOUND` of test_fuzz.py once what it found is mended.
"""

from __future__ import annotations

import argparse
import collections
import math
import sys
import time
import traceback

from tests.fuzz.compare import compare
from tests.fuzz.kernel import draw_kernel

_PROGRESS = 50


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seconds", type=float, default=math.inf, help="begin no kernel after so long")
    parser.add_argument("--keep-going", action="store_true", help="a line for each that differs, and what was seen how often at the end")
    parser.add_argument("--show", action="store_true", help="the kernels' texts, without running them")
    options = parser.parse_args()
    seen: collections.Counter[str] = collections.Counter()
    start, done = time.monotonic(), 0
    for seed in range(options.first, options.last):
        if time.monotonic() - start > options.seconds:
            break
        done += 1
        if options.show:
            print(draw_kernel(seed).source)
            continue
        try:
            compare(seed, options.device)
        except Exception as problem:
            if not options.keep_going:
                traceback.print_exc()
                return 1
            words = str(problem).strip().splitlines() or [""]
            print(f"{seed}: {type(problem).__name__}: {words[0][:160]}", flush=True)
            seen[f"{type(problem).__name__}: {words[0][:60]}"] += 1
        if done % _PROGRESS == 0:
            print(f"... {done} kernels in {time.monotonic() - start:.0f} s", flush=True)
    for problem, times in seen.most_common():
        print(f"{times:5} {problem}")
    print(f"{done} kernels, {sum(seen.values())} with a difference")
    return 1 if seen else 0


if __name__ == "__main__":
    sys.exit(main())
