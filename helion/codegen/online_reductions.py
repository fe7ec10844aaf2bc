"""A sum of exponentials less the greatest value, as Triton text: summed in the loop that looks for the greatest, by groups of neighbours.

The neighbours that a thread loads at once share the greatest value that they met and the sum of exponentials less that. Each chunk brings
the greatest up to date first, scales the sum to it by one exponential a group, and adds one exponential an element: 8 instructions an
element of bfloat16, where lanes that went each by itself took 17, more than a multiprocessor issues while a row is read. At the end each
group's sum is scaled to the greatest of all. Rows of nothing but -inf, and those with inf or NaN, give NaN as they do in two loops.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from torch import fx

from helion.codegen.reductions import RollingAccumulator
from helion.device_ir.online_sums import exponential_of, neighbours
from helion.ops.reductions import AMAX, SUM
from helion.types.dims import constant

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody

_LOG2_E = 1.4426950408889634


def online_accumulators(body: KernelBody, online: Mapping[fx.Node, fx.Node]) -> dict[fx.Node, RollingAccumulator]:
    """For each sum and its greatest value what they keep from chunk to chunk."""
    found: dict[fx.Node, RollingAccumulator] = {}
    for total, top in online.items():
        found[top] = greatest = _Top(body, top, neighbours(total))
        found[total] = _Total(body, total, greatest)
    return found


class _Top(RollingAccumulator):
    """The greatest value of each group, which the sum beside it brings up to date."""

    result = ""

    def __init__(self, body: KernelBody, node: fx.Node, wanted: int) -> None:
        super().__init__(body, node, AMAX)
        *self.others, last = body.physical_dims(self.source.dims)
        self.last = self.source.dims[last]
        length, whole = (body.length(self.last), constant(self.last)) if last in self.dims else (None, None)
        # Where a row does not begin where a load of neighbours may, its elements are loaded one by one, and each is a group of its own:
        # neighbours would be in several threads.
        self.group = 1 if length is None or whole is None else math.gcd(length, whole, wanted)

    def shape(self) -> list[str]:
        """A lane a group."""
        return [*(self.body.dim(self.source.dims[place]) for place in self.others), f"{self.body.dim(self.last)} // {self.group}"]

    def start(self) -> None:
        self.start_as(f"[{', '.join(self.shape())}]")

    def step(self) -> None:
        """Left to the sum, which needs the greatest value before this chunk."""

    def chunk(self) -> str:
        """The chunk at hand, with a dim for the neighbours."""
        value = self.masked_input()
        return self.body.temporary("chunk", f"tl.reshape({value}, [{', '.join(self.shape())}, {self.group}])")

    def finish(self) -> str:
        self.result = super().finish()
        return self.result


class _Total(RollingAccumulator):
    def __init__(self, body: KernelBody, node: fx.Node, top: _Top) -> None:
        super().__init__(body, node, SUM)
        self.top = top
        self.is_natural = exponential_of(node) == "exp"

    def start(self) -> None:
        self.start_as(f"[{', '.join(self.top.shape())}]")

    def step(self) -> None:
        value = self.top.chunk()
        names = f"{self.top.name}, {self.name}"
        self.body.writer.line(f"{names} = {self._joined()}({names}, {value})")

    def _joined(self) -> str:
        """-inf less itself is no number: a group of nothing else keeps a sum of 0."""
        axis = len(self.top.shape())
        greatest = AMAX.combine.format(a="a", b="b")
        combine = self.body.module_function(AMAX.name, ("a", "b"), (f"return {greatest}",))
        lines = (
            f"greatest = {combine}(top, tl.reduce(value, {axis}, {combine}))",
            'base = tl.where(greatest == float("-inf"), 0.0, greatest)',
            f"scaled = total * {self._power('(top - base)')}",
            f"return greatest, scaled + tl.sum({self._power(f'(value - tl.expand_dims(base, {axis}))')}, {axis})",
        )
        return self.body.module_function("online", ("top", "total", "value"), lines)

    def _power(self, difference: str) -> str:
        """`tl.exp` keeps numbers below 2^-126, which costs three instructions more and changes no sum of at least 1."""
        return f"tl.exp2({difference} * {_LOG2_E})" if self.is_natural else f"tl.exp2({difference})"

    def finish(self) -> str:
        """The groups' sums, each scaled to the greatest value of the row."""
        kept = tuple(i for i in self.body.physical_dims(self.source.dims) if i not in self.dims)
        row = self.body.expanded(self.top.result, kept, self.source.dims)
        self.body.writer.line(f"{self.name} = {self.name} * {self._power(f'({self.top.name} - {row})')}")
        return super().finish()
