"""Values taken apart, put together or seen as something else in ways that tiles cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Note


@dataclass(frozen=True)
class SplitShape(Diagnostic):
    """`hl.split` takes a value whose last dimension has size 2.

    Bad:
        >>> even, odd = hl.split(x[tile_m, tile_n])
    Good:
        >>> even, odd = hl.split(x[tile_m, tile_n].reshape(tile_m, tile_n.block_size // 2, 2))
    """

    code: ClassVar[str] = "split-shape"
    exception: ClassVar[str] = "InvalidAPIUsage"
    value: str

    def message(self) -> str:
        return f"{self.value} cannot be split: its last dimension must have size 2"


@dataclass(frozen=True)
class UnsupportedSplit(Diagnostic):
    """A device value is held in registers as one block; it can be split in two along a last dimension of size 2 only.

    Bad:
        >>> even, odd = value.unbind(-1)
    Good:
        >>> even, odd = hl.split(value)
    """

    code: ClassVar[str] = "unsupported-split"
    exception: ClassVar[str] = "UnsupportedSplitOperation"
    call: str

    def message(self) -> str:
        return f"`{self.call}` cannot take a device value apart"

    def notes(self) -> tuple[Note, ...]:
        return (Note("`hl.split` gives both halves of a value whose last dimension has size 2; parts can also be loaded one by one"),)


@dataclass(frozen=True)
class PartsNotAligned(Diagnostic):
    """Values put side by side must have one length, a tile's or a power of two: others end in lanes that hold nothing.

    Bad:
        >>> both = torch.cat([x[tile, :3], x[tile, :3]], 1)
    Good:
        >>> both = torch.cat([x[tile, :4], x[tile, :4]], 1)
    """

    code: ClassVar[str] = "parts-not-aligned"
    exception: ClassVar[str] = "InductorLoweringError"
    call: str
    sizes: str

    def message(self) -> str:
        return f"`{self.call}` on the device needs parts of one length that is a tile's or a power of two, not {self.sizes}"


@dataclass(frozen=True)
class BitcastWidth(Diagnostic):
    """Seeing a value's bits as another dtype keeps its shape, so the dtypes must be equally wide.

    Bad:
        >>> bits = x_f32[tile].view(torch.int16)
    Good:
        >>> bits = x_f32[tile].view(torch.int32)
    """

    code: ClassVar[str] = "bitcast-width"
    exception: ClassVar[str] = "TorchOpTracingError"
    value: str
    dtype: str

    def message(self) -> str:
        return f"{self.value} cannot be seen as {self.dtype}: the dtypes are not equally wide"
