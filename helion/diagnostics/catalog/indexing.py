"""Subscripts of tensors: how many, of what kind, and of what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic, Fix, Note, TextEdit
from helion.source import Span


@dataclass(frozen=True)
class RankMismatch(Diagnostic):
    """A tensor is indexed with more subscripts than it has dimensions. Trailing dimensions that are left out are `:`.

    Bad:
        >>> row = bias[tile_m, :]    # bias has one dimension
    Good:
        >>> row = bias[tile_m]
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
class StoredRankMismatch(Diagnostic):
    """A value is stored whose rank is not that of the subscript. Scalars and dimensions of size 1 are broadcast, missing ones are not.

    Bad:
        >>> out[tile_m, tile_n] = bias[tile_n]
    Good:
        >>> out[tile_m, tile_n] = bias[tile_n][None, :]
    """

    code: ClassVar[str] = "stored-rank-mismatch"
    exception: ClassVar[str] = "RankMismatch"
    expected: int
    value: str

    def message(self) -> str:
        return f"the subscript selects {self.expected} dimension{'' if self.expected == 1 else 's'}: {self.value} cannot be stored there"


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
class NotSubscriptable(Diagnostic):
    """None and numbers have no items.

    A parameter that may be None is known not to be where the code has asked.

    Bad:
        >>> bias = None
        ... v = bias[tile]
    Good:
        >>> v = x[tile] if bias is None else x[tile] + bias[tile]
    """

    code: ClassVar[str] = "not-subscriptable"
    exception: ClassVar[str] = "InvalidIndexingType"
    owner: str
    what: str

    def message(self) -> str:
        return f"`{self.owner}` is {self.what} here, and has no items"


@dataclass(frozen=True)
class DeviceValueIndex(Diagnostic):
    """A device value has no memory to be indexed: a subscript can give it new dimensions only.

    Bad:
        >>> first = x[tile_m, :][:, 0]
    Good:
        >>> first = x[tile_m, 0]
    """

    code: ClassVar[str] = "device-value-index"
    exception: ClassVar[str] = "InvalidIndexingType"
    index: str

    def message(self) -> str:
        return f"a device value is indexed with `:` and None only, not with {self.index}"

    def notes(self) -> tuple[Note, ...]:
        return (Note("index the host tensor where it is loaded, or choose elements with `torch.where` or `torch.gather`"),)


@dataclass(frozen=True)
class BooleanIndex(Diagnostic):
    """How many elements a mask selects is known only when it is read, so a value cannot have that shape.

    Bad:
        >>> positive = x[x[tile] > 0]
    Good:
        >>> positive = torch.where(x[tile] > 0, x[tile], 0)
    """

    code: ClassVar[str] = "boolean-index"
    exception: ClassVar[str] = "DataDependentOutputShapeNotSupported"

    def message(self) -> str:
        return "a boolean tensor cannot be an index: how many elements it selects is not known"

    def notes(self) -> tuple[Note, ...]:
        return (Note("`torch.where(mask, value, other)` chooses by a mask; `hl.load(..., extra_mask=mask)` leaves lanes out"),)


@dataclass(frozen=True)
class UnsupportedDtype(Diagnostic):
    """Device code reads or writes elements of a dtype that Triton does not have: complex numbers, packed 4-bit floats, bare exponents.

    On the host, `torch.view_as_real(x)` gives complex numbers as pairs and `x.view(torch.uint8)` the bits of anything else.

    Bad:
        >>> spectrum = torch.empty([n], dtype=torch.complex64, device=x.device)
        >>> for tile in hl.tile(n):
        ...     spectrum[tile] = x[tile]
    Good:
        >>> spectrum = torch.view_as_real(torch.empty([n], dtype=torch.complex64, device=x.device))
        >>> for tile in hl.tile(n):
        ...     spectrum[tile, 0] = x[tile]
    """

    code: ClassVar[str] = "unsupported-dtype"
    exception: ClassVar[str] = "InductorLoweringError"
    dtype: str

    def message(self) -> str:
        return f"device code cannot read or write elements of {self.dtype}"

    def notes(self) -> tuple[Note, ...]:
        is_complex = "complex" in self.dtype
        return (Note(f"pass `{'torch.view_as_real(x)' if is_complex else 'x.view(torch.uint8)'}` and compute with what it is made of"),)


@dataclass(frozen=True)
class OverpackedTile(Diagnostic):
    """A tile inside a list inside a subscript; tiles and tuples of them are elements themselves.

    Bad:
        >>> v = x[[tile_m, tile_n]]
    Good:
        >>> v = x[tile_m, tile_n]
    """

    code: ClassVar[str] = "overpacked-tile"
    exception: ClassVar[str] = "OverpackedTile"
    element: str

    def message(self) -> str:
        return f"a tile must be an element of the subscript itself, not inside {self.element}"


@dataclass(frozen=True)
class SequenceIndexNotConstant(Diagnostic):
    """Which item of a tuple or list is meant must be known when the kernel is compiled.

    Bad:
        >>> for i in hl.grid(len(tensors)): v = tensors[i][tile]
    Good:
        >>> for i in hl.static_range(len(tensors)): v = tensors[i][tile]
    """

    code: ClassVar[str] = "sequence-index-not-constant"
    exception: ClassVar[str] = "InvalidSequenceSubscription"
    index: str

    def message(self) -> str:
        return f"items of a sequence need a constant index, not {self.index}"

    def notes(self) -> tuple[Note, ...]:
        return (Note("`hl.static_range` unrolls a loop, so that its index is constant"),)


@dataclass(frozen=True)
class NotStorable(Diagnostic):
    """Only tensors and numbers can be stored.

    Bad:
        >>> out[tile] = "zero"
    Good:
        >>> out[tile] = 0
    """

    code: ClassVar[str] = "not-storable"
    exception: ClassVar[str] = "RequiresTensorInAssignment"
    value: str

    def message(self) -> str:
        return f"only a tensor or a number can be stored, not {self.value}"


@dataclass(frozen=True)
class StoreToNonTensor(Diagnostic):
    """The target of a store is not a tensor.

    Bad:
        >>> parts = [x[tile], y[tile]]
        >>> parts[0] = x[tile] * 2
    Good:
        >>> parts = [x[tile] * 2, y[tile]]
    """

    code: ClassVar[str] = "store-to-non-tensor"
    exception: ClassVar[str] = "NonTensorSubscriptAssign"
    target: str

    def message(self) -> str:
        return f"only tensors made on the host can be stored into, not {self.target}"


@dataclass(frozen=True)
class IndexTypeTooSmall(Diagnostic):
    """`index_dtype` counts fewer elements than a tensor has.

    Bad:
        >>> @helion.kernel(index_dtype=torch.int32)   # called with 4 billion elements
    Good:
        >>> @helion.kernel()                          # int64 where a call needs it
    """

    code: ClassVar[str] = "index-type-too-small"
    exception: ClassVar[str] = "InputTensorNumelExceedsIndexType"
    tensor: str
    index_dtype: str

    def message(self) -> str:
        return f"{self.tensor} has more elements than index_dtype={self.index_dtype} can count"


@dataclass(frozen=True)
class OffsetTooLarge(Diagnostic):
    """An element of a tensor with large strides lies further from its first than `index_dtype` can say.

    Bad:
        >>> @helion.kernel(index_dtype=torch.int32)   # called with a view of every thousandth row of a large tensor
    Good:
        >>> @helion.kernel()                          # int64 where a call needs it
    """

    code: ClassVar[str] = "offset-too-large"
    exception: ClassVar[str] = "IndexOffsetOutOfRangeForInt32"
    tensor: str

    def message(self) -> str:
        return f"offsets into {self.tensor} do not fit index_dtype=torch.int32"


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
