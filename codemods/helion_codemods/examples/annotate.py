"""What `annotate` says of a kernel's tensors."""

from __future__ import annotations

from helion_codemods.outcome import Example

_BEFORE = """\
import helion
import helion.language as hl
import torch


@helion.kernel
def matmul(x: torch.Tensor, y, bias: torch.Tensor | None = None) -> torch.Tensor:
    m, k = x.size()
    k2, n = y.size()
    assert k == k2
    out = torch.empty([m, n], dtype=x.dtype, device=x.device)
    for tile_m, tile_n in hl.tile([m, n]):
        acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)
        for tile_k in hl.tile(k):
            acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])
        out[tile_m, tile_n] = acc
    return out
"""

EXAMPLES = (
    Example(
        "annotations: `k2` is `k`, since the kernel says that they are equal",
        _BEFORE,
        _BEFORE.replace("import torch\n", "import torch\nfrom jaxtyping import Shaped\n").replace(
            "def matmul(x: torch.Tensor, y, bias: torch.Tensor | None = None) -> torch.Tensor:",
            """\
def matmul(
    x: Shaped[torch.Tensor, "m k"],
    y: Shaped[torch.Tensor, "k n"],
    bias: torch.Tensor | None = None,
) -> torch.Tensor:""",
        ),
        {"kernel": "matmul"},
    ),
    Example(
        "asserts",
        _BEFORE,
        _BEFORE.replace(
            "    m, k = x.size()\n",
            "    assert x.ndim == 2\n    assert y.ndim == 2\n    assert y.size(0) == x.size(1)\n    m, k = x.size()\n",
        ),
        {"kernel": "matmul", "form": "asserts"},
    ),
    Example(
        "a kernel whose options stand elsewhere",
        """\
import helion
import helion.language as hl
import torch

fast = helion.kernel(static_shapes=False)


@fast
def double(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = torch.empty_like(x)
    for tile in hl.tile([m, n]):
        out[tile] = x[tile] * 2
    return out
""",
        """\
import helion
import helion.language as hl
import torch

fast = helion.kernel(static_shapes=False)


@fast
def double(x: torch.Tensor) -> torch.Tensor:
    assert x.ndim == 2
    m, n = x.size()
    out = torch.empty_like(x)
    for tile in hl.tile([m, n]):
        out[tile] = x[tile] * 2
    return out
""",
        {"kernel": "double", "form": "asserts"},
    ),
)
