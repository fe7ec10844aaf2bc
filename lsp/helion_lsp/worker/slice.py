"""How much of a document an answer is to be about: what the front knows already, where somebody is at work, and for how long to go on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from helion.syntax.tree import KernelSyntax

Keyed = tuple[KernelSyntax, str]


@dataclass(frozen=True)
class Slice:
    """`known` are the keys of kernels whose data the front has, each with what that was made for; kernels at the offset `first` are taken
    up before others, as many as fit into `seconds`, but at least one."""

    known: Mapping[str, str] = field(default_factory=dict[str, str])
    first: int = 0
    seconds: float = float("inf")

    @staticmethod
    def of(params: Mapping[str, Any]) -> Slice:
        return Slice(params.get("known") or {}, int(params.get("first") or 0), float(params.get("seconds") or float("inf")))

    def taken(self, kernels: Sequence[Keyed]) -> Iterator[Keyed]:
        """The kernels to look at now. Time passes while the caller looks at them, and those that are known cost none."""
        ends = time.monotonic() + self.seconds
        taken = 0
        for kernel, key in sorted(kernels, key=lambda one: self._distance(one[0])):
            if taken and time.monotonic() > ends:
                return
            taken += key not in self.known
            yield kernel, key

    def _distance(self, kernel: KernelSyntax) -> int:
        return min(max(part.start - self.first, self.first - part.end, 0) for part in kernel.parts)


EVERYTHING = Slice()
