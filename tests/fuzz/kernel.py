"""A seed in, a kernel's text, its twin in eager torch and their arguments out; the same for the same seed on every machine."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.fuzz.forms import HELPERS
from tests.fuzz.statements import grid
from tests.fuzz.tensors import make_tensor
from tests.fuzz.values import LENGTHS, SIZES, Argument, Result
from tests.fuzz.writer import Rejected, Writer

_HEADER = f"""import math
from itertools import product

import torch
import torch.nn.functional as F

import helion
import helion.language as hl

{HELPERS}
"""
_TRIES = 50


@dataclass(frozen=True)
class DrawnKernel:
    """`source` is a module with a kernel, `fuzzed`, and the same in eager torch, `twin`."""

    seed: int
    source: str
    arguments: tuple[Argument, ...]
    scalars: Mapping[str, int | float | bool]
    results: tuple[Result, ...]
    lengths: Mapping[str, int]
    minimums: Mapping[str, int]

    def make(self, lengths: Mapping[str, int], device: str) -> list[Any]:
        """The arguments for some lengths, the same at every call."""
        return [*(make_tensor(argument, lengths, device) for argument in self.arguments), *self.scalars.values()]

    def other_lengths(self) -> tuple[dict[str, int], ...]:
        """Lengths to call the same kernel with, among them sometimes an empty one."""
        draw = random.Random(self.seed)
        drawn = {size: max(draw.choice(LENGTHS), self.minimums.get(size, 0)) for size in SIZES}
        return (drawn, {**drawn, draw.choice(SIZES): 0}) if draw.random() < 0.25 else (drawn,)


def draw_kernel(seed: int) -> DrawnKernel:
    """The kernel of a seed. Raises Rejected when nothing came of many attempts, which does not happen with the seeds that are used."""
    for attempt in range(_TRIES):
        w = Writer(seed * 1000 + attempt, HELPERS)
        try:
            for _ in range(w.draw.choice([1, 1, 1, 1, 2])):
                grid(w)
        except Rejected:
            continue
        sizes = {size: text for size in SIZES if (text := _read_from(w, size)) is not None}
        used = "\n".join((*w.device, *(str(result.sizes) for result in w.results)))
        if all(size in sizes or re.search(rf"\b{size}\b", used) is None for size in SIZES):
            scalars, lengths = dict(w.scalars), dict(w.lengths)
            return DrawnKernel(seed, _source(w, sizes), tuple(w.arguments), scalars, tuple(w.results), lengths, dict(w.minimums))
    raise Rejected(f"seed {seed}")


def _read_from(w: Writer, size: str) -> str | None:
    return next((f"{a.name}.size({a.sizes.index(size)})" for a in w.arguments if size in a.sizes), None)


def _source(w: Writer, sizes: Mapping[str, str]) -> str:
    made = [result for result in w.results if result.start]
    tensors = [f"{argument.name}: torch.Tensor" for argument in w.arguments]
    parameters = ", ".join((*tensors, *(f"{name}: {type(value).__name__}" for name, value in w.scalars.items())))
    constants = [f"    hl.specialize({size})" for size in sizes if w.draw.random() < 0.05]
    device = f"device={w.arguments[0].name}.device"
    host = [
        *(f"    {size} = {text}" for size, text in sizes.items()),
        *(f"    {r.name} = torch.full([{', '.join(r.sizes)}], {r.start}, dtype=torch.{r.dtype}, {device})" for r in made),
    ]
    returned = f"    return ({', '.join(result.name for result in made)},)"
    kernel = ["@helion.kernel", f"def fuzzed({parameters}):", *_with_constants(host, constants), *w.device, returned]
    twin = [f"def twin({parameters}):", *host, *w.eager, returned]
    return "\n".join((_HEADER, *kernel, "", "", *twin, ""))


def _with_constants(host: list[str], constants: list[str]) -> list[str]:
    """Sizes are read before they are made constant, and made constant before tensors are."""
    reads = [line for line in host if "torch.full(" not in line]
    return [*reads, *constants, *host[len(reads) :]]
