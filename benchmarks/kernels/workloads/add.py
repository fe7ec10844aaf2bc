"""Element by element: nothing but memory."""

from __future__ import annotations

import torch

from benchmarks.kernels.workload import Workload, randn
from examples.add import add

_M, _N = 8192, 16384
WORKLOADS = (Workload(f"add {_M}x{_N}", add, torch.add, lambda: (randn(_M, _N), randn(_M, _N)), bytes=3 * 2 * _M * _N),)
