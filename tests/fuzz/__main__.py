"""Compares the kernels of many seeds and tells which differ.

TRITON_INTERPRET=1 python -m tests.fuzz FIRST LAST [--device cuda] [--keep-going] [--show]
"""

from __future__ import annotations

import argparse
import collections
import sys
import traceback

from tests.fuzz.compare import compare
from tests.fuzz.kernel import draw_kernel


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--keep-going", action="store_true", help="a line for each that differs, and what was seen how often at the end")
    parser.add_argument("--show", action="store_true", help="the kernels' texts, without running them")
    options = parser.parse_args()
    seen: collections.Counter[str] = collections.Counter()
    for seed in range(options.first, options.last):
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
    for problem, times in seen.most_common():
        print(f"{times:5} {problem}")
    print(f"{options.last - options.first} kernels, {sum(seen.values())} with a difference")
    return 1 if seen else 0


if __name__ == "__main__":
    sys.exit(main())
