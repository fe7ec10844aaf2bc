"""How generated code is written out for others to run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OutputCodeOptions:
    """For `BoundKernel.to_code`. Without `allow_helion_deps` the module needs torch and triton only."""

    allow_helion_deps: bool = True
