"""Tiles and the loops that make them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Fix, Note, TextEdit
from helion.source import Span


@dataclass(frozen=True)
class FailedToUnpackTile(Diagnostic):
    """`hl.tile(a, b)` is one loop from a to b; a tile for each of several sizes needs a list.

    Bad:
        >>> for tile_m, tile_n in hl.tile(m, n): ...
    Good:
        >>> for tile_m, tile_n in hl.tile([m, n]): ...
    """

    code: ClassVar[str] = "failed-to-unpack-tile"
    exception: ClassVar[str] = "FailedToUnpackTile"
    targets: int
    arguments: Span | None = None
    arguments_text: str | None = None
    tiles: int = 1

    def message(self) -> str:
        gives = "one tile, which" if self.tiles == 1 else f"{self.tiles} tiles, which"
        return f"this loop gives {gives} cannot be unpacked into {self.targets} names"

    def fixes(self) -> tuple[Fix, ...]:
        if self.arguments is None or self.arguments_text is None:
            return ()
        edit = TextEdit(self.arguments, f"[{self.arguments_text}]")
        return (Fix("Put the sizes in a list", (edit,)),)


@dataclass(frozen=True)
class InvalidTileRange(Diagnostic):
    """A loop ends before it begins.

    Bad:
        >>> for tile in hl.tile(10, 0): ...
    Good:
        >>> for tile in hl.tile(0, 10): ...
    """

    code: ClassVar[str] = "invalid-tile-range"
    exception: ClassVar[str] = "InvalidTileRange"
    begin: int
    end: int

    def message(self) -> str:
        return f"the loop begins at {self.begin} and ends at {self.end}"


@dataclass(frozen=True)
class TileOfTile(Diagnostic):
    """A tile is not a bound; its begin and end are.

    Bad:
        >>> for inner in hl.tile(outer): ...
    Good:
        >>> for inner in hl.tile(outer.begin, outer.end): ...
    """

    code: ClassVar[str] = "tile-of-tile"
    exception: ClassVar[str] = "TileOfTile"
    tile: str

    def message(self) -> str:
        return f"`{self.tile}` is a tile, not a size: use `{self.tile}.begin` and `{self.tile}.end`"

    def fixes(self) -> tuple[Fix, ...]:
        return ()


@dataclass(frozen=True)
class TileMisuse(Diagnostic):
    """A tile, a size or a bound is used as something it is not.

    Bad:
        >>> y = tile * 2
    Good:
        >>> y = tile.index * 2
    """

    code: ClassVar[str] = "tile-misuse"
    exception: ClassVar[str] = "IncorrectTileUsage"
    why: str

    def message(self) -> str:
        return self.why


@dataclass(frozen=True)
class StaticRangeNotConstant(Diagnostic):
    """`hl.static_range` is unrolled when the kernel is compiled, so its bounds must be constants by then.

    Bad:
        >>> for i in hl.static_range(times): ...   # `times` is an argument
    Good:
        >>> for i in hl.static_range(4): ...       # or an argument annotated `hl.constexpr`
    """

    code: ClassVar[str] = "static-range-not-constant"
    exception: ClassVar[str] = "TypeInferenceError"
    bound: str

    def message(self) -> str:
        return f"a bound of `hl.static_range` must be a constant, not {self.bound}"

    def notes(self) -> tuple[Note, ...]:
        return (Note("`hl.constexpr` and `hl.specialize` make constants of arguments and sizes; `hl.grid` loops at run time"),)


@dataclass(frozen=True)
class JaggedTileMisuse(Diagnostic):
    """`hl.jagged_tile` needs the end of every lane of the tiles around it, and tensors indexed by both.

    Bad:
        >>> for tile in hl.tile(n):
        ...     for inner in hl.jagged_tile(lengths): ...
    Good:
        >>> for tile in hl.tile(n):
        ...     total = hl.zeros([tile])
        ...     for inner in hl.jagged_tile(lengths[tile]):
        ...         total += x[tile, inner].sum(-1)
        ...     out[tile] = total
    """

    code: ClassVar[str] = "jagged-tile-misuse"
    exception: ClassVar[str] = "InvalidJaggedTileUsage"
    why: str

    def message(self) -> str:
        return f"`hl.jagged_tile`: {self.why}"
