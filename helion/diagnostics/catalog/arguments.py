"""Arguments of the language's own functions: what they are given that they cannot take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic


@dataclass(frozen=True)
class AtomicOnDeviceTensor(Diagnostic):
    """An atomic updates memory, and a device value has none; its target must be a tensor made on the host.

    Bad:
        >>> v = x[tile]
        >>> hl.atomic_add(v, [tile], 1)
    Good:
        >>> hl.atomic_add(x, [tile], 1)
    """

    code: ClassVar[str] = "atomic-on-device-tensor"
    exception: ClassVar[str] = "AtomicOnDeviceTensor"
    function: str

    def message(self) -> str:
        return f"`{self.function}` needs a host tensor: a device value has no memory that programs share"


@dataclass(frozen=True)
class InvalidArgument(Diagnostic):
    """A function of the language is given a value that it does not take.

    Bad:
        >>> hl.atomic_add(out, [tile], v, sem="sequential")
    Good:
        >>> hl.atomic_add(out, [tile], v, sem="acq_rel")
    """

    code: ClassVar[str] = "invalid-argument"
    exception: ClassVar[str] = "InvalidAPIUsage"
    function: str
    why: str

    def message(self) -> str:
        return f"`{self.function}`: {self.why}"
