"""What is assumed about a kernel's parameters before checking: a type for each, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helion.types.types import DimOrigin, Type


@dataclass(frozen=True)
class ParameterType:
    """`evidence` is a phrase for hovers: "from `m, k = x.size()`, line 12"; "argument" in the JIT.

    `dtype_evidence` is another for a tensor's dtype where that is from elsewhere.
    `optional`: the text lets it be None as well, and nothing says which. `is_baked`: a number that each call makes a constant.
    """

    type: Type
    evidence: str
    optional: bool = False
    dtype_evidence: str = ""
    is_baked: bool = False

    @property
    def words(self) -> str:
        """All of the evidence."""
        return f"{self.evidence}; {self.dtype_evidence}" if self.dtype_evidence else self.evidence


@dataclass(frozen=True)
class KernelSignature:
    """Types of the parameters by name, and where each named size among them comes from.

    `hints` are the sizes of the call at hand, where there is one: only ever used to choose, or to specialize when the kernel asks.
    `index_bits` is 64 when an argument's elements cannot be counted in 32.
    """

    parameters: Mapping[str, ParameterType]
    dim_origins: Mapping[Any, DimOrigin] = field(default_factory=dict[Any, DimOrigin])
    hints: Mapping[Any, int] = field(default_factory=dict[Any, int])
    index_bits: int = 32

    def __str__(self) -> str:
        return ", ".join(str(p.type) for p in self.parameters.values())
