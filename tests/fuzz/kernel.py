"""A seed in, a kernel's text and its arguments out; the same for the same seed on every machine."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import torch

from tests.fuzz.expressions import SIZES
from tests.fuzz.statements import grid
from tests.fuzz.values import Argument
from tests.fuzz.writer import Writer

_LENGTHS = (1, 2, 3, 7, 16, 17, 33)


@dataclass(frozen=True)
class DrawnKernel:
    """`source` is a module with one kernel, `fuzzed`."""

    seed: int
    source: str
    arguments: tuple[Argument, ...]
    scalars: dict[str, float]
    lengths: dict[str, int]

    def make(self, device: str) -> tuple[Any, ...]:
        """The arguments, the same at every call."""
        random_numbers = torch.Generator().manual_seed(self.seed)
        tensors = [_tensor(argument, self.lengths, random_numbers).to(device) for argument in self.arguments]
        return (
            *(_laid_out(tensor, argument.layout) for tensor, argument in zip(tensors, self.arguments, strict=True)),
            *self.scalars.values(),
        )


def draw_kernel(seed: int) -> DrawnKernel:
    """The kernel of a seed."""
    draw = random.Random(seed)
    w = Writer(draw)
    for _ in range(draw.choice([1, 1, 1, 2])):
        grid(w)
        w.values.clear()
    lengths = {size: draw.choice(_LENGTHS) for size in SIZES}
    return DrawnKernel(seed, _source(w), tuple(w.arguments), dict(w.scalars), lengths)


def _source(w: Writer) -> str:
    parameters = [*(f"{a.name}: torch.Tensor" for a in w.arguments), *(f"{name}: int" for name in w.scalars)]
    sizes = [f"    {size} = {_size_of(size, w)}" for size in SIZES if _size_of(size, w)]
    device = f"device={w.arguments[0].name}.device"
    results = [
        f"    {name} = torch.full([{', '.join(shape)}], {start}, dtype=torch.{dtype}, {device})" for name, shape, dtype, start in w.results
    ]
    returned = ", ".join(name for name, *_ in w.results)
    lines = [
        "import torch",
        "import helion",
        "import helion.language as hl",
        "",
        "@helion.kernel",
        f"def fuzzed({', '.join(parameters)}):",
        *sizes,
        *results,
        *w.lines,
        f"    return ({returned},)",
        "",
    ]
    return "\n".join(lines)


def _size_of(size: str, w: Writer) -> str:
    for argument in w.arguments:
        if size in argument.sizes:
            return f"{argument.name}.size({argument.sizes.index(size)})"
    return ""


def _tensor(argument: Argument, lengths: dict[str, int], random_numbers: torch.Generator) -> torch.Tensor:
    shape = [lengths[size] for size in argument.sizes]
    dtype = getattr(torch, argument.dtype)
    match argument.elements:
        case "float":
            return torch.randn(shape, generator=random_numbers).to(dtype)
        case "int":
            return torch.randint(-9, 10, shape, generator=random_numbers).to(dtype)
        case "bool":
            return torch.randint(0, 2, shape, generator=random_numbers).to(dtype)
        case _:
            return torch.randint(0, lengths[argument.below], shape, generator=random_numbers).to(dtype)


def _laid_out(tensor: torch.Tensor, layout: str) -> torch.Tensor:
    """The same elements lying otherwise in memory; of an expanded tensor every row is the first."""
    match layout:
        case "transposed":
            return tensor.transpose(0, -1).contiguous().transpose(0, -1)
        case "strided":
            wide = torch.zeros([*tensor.shape, 3], dtype=tensor.dtype, device=tensor.device)
            wide[..., 1] = tensor
            return wide[..., 1]
        case "expanded" if tensor.dim():
            return tensor[:1].expand(tensor.shape)
        case _:
            return tensor
