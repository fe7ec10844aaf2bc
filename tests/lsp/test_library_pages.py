"""Which pages of libraries a process may let go, and that it still runs without them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from helion_lsp.worker.library_pages import unchanged_library_mappings

SMAPS = """\
7f0000000000-7f0000001000 r--p 00000000 fd:01 10 /venv/torch/lib/libtorch_cpu.so
Rss:                   4 kB
Anonymous:             0 kB
7f0000001000-7f0000009000 r-xp 00001000 fd:01 10 /venv/torch/lib/libtorch_cpu.so
Anonymous:             0 kB
7f0000009000-7f000000a000 r--p 00009000 fd:01 10 /venv/torch/lib/libtorch_cpu.so
Anonymous:             4 kB
7f000000a000-7f000000b000 rw-p 0000a000 fd:01 10 /venv/torch/lib/libtorch_cpu.so
Anonymous:             0 kB
7f000000b000-7f000000c000 r-xp 0000b000 fd:01 11 /usr/lib/libstdc++.so.6.0.30
Anonymous:             0 kB
7f000000c000-7f000000d000 r--p 00000000 fd:01 12 /usr/lib/locale/C.utf8/LC_CTYPE
Anonymous:             0 kB
7f000000d000-7f000000e000 rw-p 00000000 00:00 0 [heap]
Anonymous:             4 kB
"""
RUNS_ON = """\
import torch
from pathlib import Path
from helion_lsp.worker.library_pages import release_library_pages

def of_files() -> int:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
    return kilobytes["Rss"] - kilobytes["Anonymous"]

x = torch.arange(64.0).reshape(8, 8)
before, expected = of_files(), (x @ x).sum().item()
release_library_pages()
after = of_files()
assert (x @ x).sum().item() == expected
assert torch.fx.symbolic_trace(torch.nn.Linear(2, 2)) is not None
print(before, after)
"""


def test_what_was_changed_or_can_be_stays() -> None:
    first, last = 0x7F0000000000, 0x7F000000C000
    assert list(unchanged_library_mappings(SMAPS.splitlines())) == [
        (first, first + 0x1000),
        (first + 0x1000, first + 0x9000),
        (last - 0x1000, last),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="mappings are read as Linux shows them")
def test_torch_runs_on_and_most_of_its_pages_are_gone() -> None:
    said = subprocess.run([sys.executable, "-c", RUNS_ON], check=True, capture_output=True, text=True, timeout=120)
    before, after = (int(word) for word in said.stdout.split())
    assert after < before / 2
