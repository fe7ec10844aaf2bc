"""Device loops: where they may stand, and what control flow may carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Fix, Note, TextEdit
from helion.source import Span


@dataclass(frozen=True)
class NoDeviceLoop(Diagnostic):
    """A kernel without a `hl.tile` or `hl.grid` loop has nothing to run on the device.

    Bad:
        >>> @helion.kernel
        ... def double(x):
        ...     return x * 2
    Good:
        >>> @helion.kernel
        ... def double(x):
        ...     out = torch.empty_like(x)
        ...     for tile in hl.tile(x.size()):
        ...         out[tile] = x[tile] * 2
        ...     return out
    """

    code: ClassVar[str] = "no-device-loop"
    exception: ClassVar[str] = "NoDeviceLoopsInKernel"
    kernel: str

    def message(self) -> str:
        return f"`{self.kernel}` has no `hl.tile` or `hl.grid` loop at its top level"


@dataclass(frozen=True)
class StatementBetweenLoops(Diagnostic):
    """All top-level device loops are one launch, so nothing can run between them.

    Bad:
        >>> for tile in hl.tile(n): ...
        >>> scale = 2
        >>> for tile in hl.tile(m): ...
    Good:
        >>> scale = 2
        >>> for tile in hl.tile(n): ...
        >>> for tile in hl.tile(m): ...
    """

    code: ClassVar[str] = "statement-between-loops"
    exception: ClassVar[str] = "TopLevelStatementBetweenLoops"
    next_loop: Span

    def message(self) -> str:
        return "a statement cannot stand between two top-level device loops"

    def notes(self) -> tuple[Note, ...]:
        return (Note("the loop after it is launched together with the one before it", self.next_loop),)


@dataclass(frozen=True)
class NestedGridLoop(Diagnostic):
    """A top-level device loop stands under host control flow.

    Bad:
        >>> if flag:
        ...     for tile in hl.tile(n): ...
    Good:
        >>> for tile in hl.tile(n):
        ...     if flag: out[tile] = x[tile]
    """

    code: ClassVar[str] = "nested-grid-loop"
    exception: ClassVar[str] = "NestedGridLoop"

    def message(self) -> str:
        return "a device loop must stand at the top level of the kernel, not inside host control flow"


@dataclass(frozen=True)
class LoopFunctionNotInFor(Diagnostic):
    """`hl.tile` and `hl.grid` are iterators of `for` loops and nothing else.

    Bad:
        >>> tiles = hl.tile(n)
    Good:
        >>> for tile in hl.tile(n): ...
    """

    code: ClassVar[str] = "loop-function-not-in-for"
    exception: ClassVar[str] = "LoopFunctionNotInFor"
    api: str

    def message(self) -> str:
        return f"`{self.api}` must be the iterator of a `for` loop"


@dataclass(frozen=True)
class InvalidDeviceLoop(Diagnostic):
    """Device code loops over tiles, ranges and known sequences only.

    Bad:
        >>> for key in {"a": 1}: ...
    Good:
        >>> for part in (x, y): ...
    """

    code: ClassVar[str] = "invalid-device-loop"
    exception: ClassVar[str] = "InvalidDeviceForLoop"
    iterator: str

    def message(self) -> str:
        return f"device code cannot loop over {self.iterator}"


@dataclass(frozen=True)
class LoopElse(Diagnostic):
    """A device loop has no `else`.

    Bad:
        >>> for tile in hl.tile(n): ...
        >>> else: ...
    Good:
        >>> for tile in hl.tile(n): ...
    """

    code: ClassVar[str] = "loop-else"
    exception: ClassVar[str] = "DeviceLoopElseBlock"

    def message(self) -> str:
        return "a device loop cannot have an `else` block"


@dataclass(frozen=True)
class LoopCarriedTypeChange(Diagnostic):
    """A name has another type after an iteration or a branch than before it.

    The editor offers a cast where the dtypes differ, and where shapes do `keepdim`, a dim of length 1 or a broadcast.

    Bad:
        >>> acc = hl.zeros([tile_m], dtype=torch.float32)
        >>> for tile_k in hl.tile(k):
        ...     acc = acc.to(torch.float16)
    Good:
        >>> acc = hl.zeros([tile_m], dtype=torch.float32)
        >>> for tile_k in hl.tile(k):
        ...     acc = acc + x[tile_m, tile_k].sum(-1)
    """

    code: ClassVar[str] = "loop-carried-type-change"
    exception: ClassVar[str] = "ControlFlowTensorMismatch"
    name: str
    before: str
    after: str
    defined_at: Span | None = None
    in_branches: bool = False

    def message(self) -> str:
        places = ("in one branch", "in the other") if self.in_branches else ("before", "after")
        return f"`{self.name}` is {self.before} {places[0]} and {self.after} {places[1]}: control flow must keep its type"

    def notes(self) -> tuple[Note, ...]:
        words = f"`{self.name}` is {self.before} here" if self.in_branches else f"`{self.name}` gets its first type here"
        found = () if self.defined_at is None else (Note(words, self.defined_at),)
        if self.before.startswith("["):
            return (*found, Note("unroll the loop with `hl.static_range`, so that how long the list is is known"))
        if "[" in self.after and "[" not in self.before:
            shape = self.after[self.after.index("[") :]
            return (*found, Note(f"begin with a tile of the later shape, such as `hl.zeros({shape}, dtype=...)`"))
        return (*found, Note("cast or broadcast the new value to the first type"))


@dataclass(frozen=True)
class MisplacedBarrier(Diagnostic):
    """`hl.barrier()` separates top-level device loops, so it stands between two of them.

    Bad:
        >>> for tile in hl.tile(n):
        ...     hl.barrier()
    Good:
        >>> for tile in hl.tile(n): ...
        >>> hl.barrier()
        >>> for tile in hl.tile(n): ...
    """

    code: ClassVar[str] = "misplaced-barrier"
    exception: ClassVar[str] = "BarrierOnlyAllowedAtTopLevel"
    api: str

    def message(self) -> str:
        return f"`{self.api}()` can only stand between two top-level device loops"


@dataclass(frozen=True)
class LoopDependency(Diagnostic):
    """Programs of all top-level loops run at the same time, so a loop cannot use what an earlier one writes, or write what it reads.

    Bad:
        >>> for tile in hl.tile(n):
        ...     partial[tile] = x[tile] * 2
        >>> for tile in hl.tile(n):
        ...     out[tile] = partial[tile] + 1
    Good:
        >>> for tile in hl.tile(n):
        ...     partial[tile] = x[tile] * 2
        >>> hl.barrier()
        >>> for tile in hl.tile(n):
        ...     out[tile] = partial[tile] + 1
    """

    code: ClassVar[str] = "loop-dependency"
    exception: ClassVar[str] = "LoopDependencyError"
    name: str
    is_written: bool
    earlier: str
    used_at: Span
    loop_start: int
    indentation: str

    def message(self) -> str:
        if self.earlier != self.name:
            uses = "writes while this one uses" if self.is_written else "reads while this one writes"
            return f"`{self.name}` and `{self.earlier}` are the same elements, which an earlier top-level loop {uses} them"
        if self.is_written:
            return f"`{self.name}` is written by an earlier top-level loop, which runs at the same time as this one"
        return f"`{self.name}` is read by an earlier top-level loop, which runs at the same time as this one, which writes it"

    def notes(self) -> tuple[Note, ...]:
        return (Note(f"`{self.earlier}` is {'written' if self.is_written else 'read'} here", self.used_at),)

    def fixes(self) -> tuple[Fix, ...]:
        edit = TextEdit(Span(self.loop_start, self.loop_start), f"hl.barrier()\n{self.indentation}")
        return (Fix("Separate the loops with `hl.barrier()`", (edit,)),)


@dataclass(frozen=True)
class NestedLoopsShareBlock(Diagnostic):
    """Two loops, one inside the other, have the same block size: their tiles could not be told apart.

    Bad:
        >>> block = hl.register_block_size(64)
        >>> for tile_m in hl.tile(m, block_size=block):
        ...     for tile_n in hl.tile(n, block_size=block): ...
    Good:
        >>> for tile_m in hl.tile(m):
        ...     for tile_n in hl.tile(n): ...
    """

    code: ClassVar[str] = "nested-loops-share-block-size"
    exception: ClassVar[str] = "NestedDeviceLoopsConflict"
    inner: str
    outer: str
    outer_at: Span

    def message(self) -> str:
        return f"`{self.inner}` has the block size of `{self.outer}`, whose loop is around it"

    def notes(self) -> tuple[Note, ...]:
        return (Note("the loop around it", self.outer_at), Note("register a block size for each"))


@dataclass(frozen=True)
class EmptyDeviceLoop(Diagnostic):
    """Device code that stores nothing has no effect: values of the device do not outlive their program.

    Bad:
        >>> for tile in hl.tile(n):
        ...     doubled = x[tile] * 2
    Good:
        >>> for tile in hl.tile(n):
        ...     out[tile] = x[tile] * 2
        >>> return out
    """

    code: ClassVar[str] = "loop-without-effect"
    exception: ClassVar[str] = "EmptyDeviceLoopAfterDCE"

    def message(self) -> str:
        return "the device loops store nothing, so nothing of them is left"
