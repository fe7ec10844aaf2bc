"""What `fix` mends, and what it leaves to the author."""

from __future__ import annotations

from helion_codemods.outcome import Example

_KERNEL = """\
import helion
import helion.language as hl
import torch


@helion.kernel({options})
def scale(x: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile({sizes}):
        out[tile_m, tile_n] = x[tile_m, tile_n] * 2{rest}
    return out
"""

_UNCLEAR = _KERNEL.format(options="static_shapes=False", sizes="[m, n]", rest=" * facto").replace("    out =", "    factor = m\n    out =")

EXAMPLES = (
    Example(
        "a config key that is misspelt, and sizes that are not in a list",
        _KERNEL.format(options="config=helion.Config(block_sizes=[32, 32], num_warp=8)", sizes="m, n", rest=""),
        _KERNEL.format(options="config=helion.Config(block_sizes=[32, 32], num_warps=8)", sizes="[m, n]", rest=""),
    ),
    Example(
        "a name that may be meant otherwise is left to the author",
        _UNCLEAR,
        _UNCLEAR,
    ),
)
