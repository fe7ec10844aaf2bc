"""A sum of exponentials less the greatest value, as Triton text: summed in the loop that looks for the greatest, each lane by itself.

A lane keeps the greatest value that it met and the sum of exponentials less that. A value above it scales the sum by one exponential, one
below adds one: there is one exponential an element, as with the greatest known beforehand, and the row is read once. At the end each lane's
sum is scaled to the greatest of all. Rows of nothing but -inf, and those with inf or NaN, give NaN as they do in two loops.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from torch import fx

from helion.codegen.reductions import RollingAccumulator
from helion.device_ir.online_sums import exponential_of
from helion.ops.reductions import AMAX, SUM

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody


def online_accumulators(body: KernelBody, online: Mapping[fx.Node, fx.Node]) -> dict[fx.Node, RollingAccumulator]:
    """For each sum and its greatest value what they keep from chunk to chunk."""
    found: dict[fx.Node, RollingAccumulator] = {}
    for total, top in online.items():
        found[top] = greatest = _Top(body, top, AMAX)
        found[total] = _Total(body, total, greatest)
    return found


class _Top(RollingAccumulator):
    """The greatest value of each lane, which the sum beside it brings up to date."""

    result = ""

    def step(self) -> None:
        """Left to the sum, which needs the greatest value before this chunk."""

    def finish(self) -> str:
        self.result = super().finish()
        return self.result


class _Total(RollingAccumulator):
    def __init__(self, body: KernelBody, node: fx.Node, top: _Top) -> None:
        super().__init__(body, node, SUM)
        self.top = top
        self.function = exponential_of(node)

    def step(self) -> None:
        value = self.body.temporary("chunk", self.top.masked_input())
        names = f"{self.top.name}, {self.name}"
        self.body.writer.line(f"{names} = {self._joined()}({names}, {value})")

    def _joined(self) -> str:
        lines = (
            f"step = tl.where(value == top, 1.0, tl.{self.function}(-tl.abs(value - top)))",
            "total = tl.where(value > top, total * step + 1.0, total + step)",
            f"return {AMAX.combine.format(a='top', b='value')}, total",
        )
        return self.body.module_function("online", ("top", "total", "value"), lines)

    def finish(self) -> str:
        """The lanes' sums, each scaled to the greatest value of the row."""
        kept = tuple(i for i in self.body.physical_dims(self.source.dims) if i not in self.dims)
        row = self.body.expanded(self.top.result, kept, self.source.dims)
        self.body.writer.line(f"{self.name} = {self.name} * tl.{self.function}({self.top.name} - {row})")
        return super().finish()
