"""What a turned product gives in Triton's interpreter, which generates for the default target."""

from __future__ import annotations

import torch

import helion
from examples.int4_gemm import int4_gemm, reference
from helion.config.config import Config
from helion.runtime.bound_kernel import BoundKernel

TURNED = "tl.trans(tl.dot(tl.trans("


def check_turned() -> None:
    """The same as torch's product."""
    torch.manual_seed(0)
    x = torch.randn(70, 96, dtype=torch.bfloat16)
    packed = torch.randint(-128, 128, (48, 130), dtype=torch.int8)
    kernel = helion.kernel(int4_gemm.fn, config=Config(block_sizes=[32, 32, 64]))
    bound = kernel.bind((x, packed))
    assert isinstance(bound, BoundKernel)
    assert TURNED in bound.to_triton_code()
    torch.testing.assert_close(kernel(x, packed), reference(x, packed), rtol=2e-2, atol=2e-1)
