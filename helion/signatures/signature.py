"""What is assumed about a kernel's parameters before checking: a type for each, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helion.types.types import DimOrigin, Type


@dataclass(frozen=True)
class ParameterType:
    """`evidence` is a phrase for hovers: "from `m, k = x.size()`, line 12"; "argument" in the JIT."""

    type: Type
    evidence: str


@dataclass(frozen=True)
class KernelSignature:
    """Types of the parameters by name, and where each named size among them comes from."""

    parameters: Mapping[str, ParameterType]
    dim_origins: Mapping[Any, DimOrigin] = field(default_factory=dict[Any, DimOrigin])

    def __str__(self) -> str:
        return ", ".join(str(p.type) for p in self.parameters.values())
