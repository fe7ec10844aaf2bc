"""A kernel compiled ahead of time into a module of its own, which needs torch and triton and nothing of this toolkit.

To learn: `to_code` gives the text of such a module for one config; sizes are arguments of it where the kernel has dynamic shapes, and rows
as aligned as those that it was made for. For all locked configs of a kernel in one file, with a function that picks one by its arguments,
there is `helion export FILE::kernel`.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

import helion
import helion.language as hl
from helion.runtime.kernel import Kernel
from helion.testing import DEVICE, check


@helion.kernel(static_shapes=False)
def scaled_add(x: torch.Tensor, y: torch.Tensor, scale: float) -> torch.Tensor:
    """`x + scale * y`, of any sizes."""
    out = torch.empty_like(x)
    for tile in hl.tile(out.size()):
        out[tile] = x[tile] + scale * y[tile]
    return out


def compile_ahead(kernel: Kernel, args: Sequence[Any], config: helion.Config, folder: Path) -> Path:
    """The file that was written: a module with a function of the kernel's name, for arguments of these dtypes and ranks."""
    bound = kernel.bind(args)
    assert isinstance(bound, helion.runtime.BoundKernel), "kernels that run eagerly have no code"
    path = folder / f"{kernel.name}_compiled.py"
    path.write_text(bound.to_code(config, options=helion.OutputCodeOptions(allow_helion_deps=False)), encoding="utf-8")
    return path


def load(path: Path, name: str) -> Callable[..., Any]:
    """The function of a module that was compiled ahead."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def main() -> None:
    rows, columns = (8192, 4096) if DEVICE.type == "cuda" else (37, 50)
    x, y = torch.randn(2, rows, columns, device=DEVICE).unbind()
    with tempfile.TemporaryDirectory() as folder:
        path = compile_ahead(scaled_add, (x, y, 0.5), helion.Config(block_sizes=[4, 128]), Path(folder))
        compiled = load(path, scaled_add.name)
        check("compiled ahead", compiled, lambda x, y, scale: x + scale * y, (x, y, 0.5))
        check("the same, other sizes", compiled, lambda x, y, scale: x + scale * y, (x[5:, 16:], y[5:, 16:], 2.0))


if __name__ == "__main__":
    main()
