"""Subscripts of tensors: how many, of what kind, and of what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Fix, Note, TextEdit
from helion.source import Span


@dataclass(frozen=True)
class RankMismatch(Diagnostic):
    """A tensor is indexed with too many or too few subscripts, or a value of another rank is stored.

    Bad:
        >>> row = x[tile_m]          # x has two dimensions
    Good:
        >>> row = x[tile_m, :]
    """

    code: ClassVar[str] = "rank-mismatch"
    exception: ClassVar[str] = "RankMismatch"
    expected: int
    given: int
    tensor: str

    def message(self) -> str:
        plural = "" if self.expected == 1 else "s"
        return f"{self.tensor} takes {self.expected} subscript{plural}, not {self.given}"


@dataclass(frozen=True)
class InvalidIndex(Diagnostic):
    """A subscript is not a tile, an integer, a slice of constant length, None or an integer tensor.

    Bad:
        >>> v = x["a"]
    Good:
        >>> v = x[tile]
    """

    code: ClassVar[str] = "invalid-index"
    exception: ClassVar[str] = "InvalidIndexingType"
    index: str

    def message(self) -> str:
        return f"cannot index with {self.index}"


@dataclass(frozen=True)
class StoreToDeviceValue(Diagnostic):
    """A device value has no memory to store into.

    Bad:
        >>> v = x[tile]
        >>> v[0] = 1
    Good:
        >>> v = torch.where(tile.index == 0, 1, x[tile])
    """

    code: ClassVar[str] = "store-to-device-value"
    exception: ClassVar[str] = "DeviceTensorSubscriptAssignmentNotAllowed"

    def message(self) -> str:
        return "a device value cannot be stored into; only tensors made on the host have memory"


@dataclass(frozen=True)
class HostTensorUsedDirectly(Diagnostic):
    """A tensor of the host is used in device code as if it were a value; it has to be loaded with a subscript first.

    Bad:
        >>> out[tile] = x[tile] + bias
    Good:
        >>> out[tile] = x[tile] + bias[tile]
    """

    code: ClassVar[str] = "host-tensor-used-directly"
    exception: ClassVar[str] = "HostTensorDirectUsage"
    name: str
    subscript: str | None = None
    text: str | None = None

    def message(self) -> str:
        return f"`{self.name}` is a host tensor: load it with a subscript before computing with it"

    def fixes(self) -> tuple[Fix, ...]:
        if self.subscript is None:
            return ()
        edit = TextEdit(Span(self.span.end, self.span.end), f"[{self.subscript}]")
        return (Fix(f"Index with `[{self.subscript}]`", (edit,), safe=False),)

    def notes(self) -> tuple[Note, ...]:
        return (Note("device code computes on tiles: `x[tile]` loads one"),)
