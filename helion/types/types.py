"""The values of the type lattice; `str` of each is the text a hover shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, cast

import torch

from helion.source import Span
from helion.types.dims import BlockSymbol, Dim, TunableSymbol, dim, dim_text
from helion.types.dtypes import short_name


class Region(Enum):
    """Where a value lives: `HOST` values are ordinary Python and torch, `DEVICE` values are registers of one program."""

    HOST = "host"
    DEVICE = "device"


@dataclass(frozen=True)
class Star:
    """Stands for any number of dims: the shape of a tensor whose rank is not known, `*x`."""

    name: str

    def __str__(self) -> str:
        return f"*{self.name}"


Shape = tuple[Dim | Star, ...]


@dataclass(frozen=True)
class Type:
    """What is known about one value."""


@dataclass(frozen=True)
class UnknownType(Type):
    """Nothing is known. Operations on it report nothing and give it back. `because` is shown by hovers."""

    because: str = ""

    def __str__(self) -> str:
        return "?"


@dataclass(frozen=True)
class TensorType(Type):
    """A tensor; `shape` may hold one `Star`; `dtype` is None when unknown.

    `stride` (in elements, same length as `shape`) is known for host tensors only, and is not part of the type's identity; nor is
    `is_aligned`, whether the first element lies at a multiple of 16 bytes, as that of every allocation does.
    """

    shape: Shape
    dtype: torch.dtype | None
    region: Region
    stride: tuple[Dim, ...] | None = field(default=None, compare=False)
    is_aligned: bool = field(default=True, compare=False)

    @property
    def rank(self) -> int | None:
        return None if any(isinstance(d, Star) for d in self.shape) else len(self.shape)

    @property
    def dims(self) -> tuple[Dim, ...]:
        """The shape, when the rank is known."""
        assert self.rank is not None
        return cast("tuple[Dim, ...]", self.shape)

    def __str__(self) -> str:
        return f"{short_name(self.dtype)}[{', '.join(dim_text(d) if isinstance(d, Dim) else str(d) for d in self.shape)}]"


@dataclass(frozen=True)
class StackTensorType(Type):
    """Tensors with the example's shape, strides and dtype, one at each of the addresses `pointers`: a pair of the two on the device."""

    example: TensorType
    pointers: TensorType

    @property
    def whole(self) -> TensorType:
        """The stack as one tensor."""
        return TensorType((*self.pointers.shape, *self.example.shape), self.example.dtype, Region.HOST)

    def __str__(self) -> str:
        return f"stack {self.whole}"


@dataclass(frozen=True)
class NumberType(Type):
    """A Python or device scalar. For `int`, `value` is a Dim when it is known or symbolic; for float and bool a Python value.

    `dtype` is set for scalars that torch would treat as 0-d tensors of that dtype; weak Python numbers have none.
    `most` is a size that an integer read on the device never exceeds, where one is known: the end of a tile is inside its loop. `least`
    is a number that it is never below: a tile begins where its loop does, or later. `told_by` are the sizes that the host computes an
    integer, float or bool from whose value no size can be written for (`helion.types.sources`); None where it needs more than sizes.
    """

    kind: type[int | float | bool]
    value: Dim | float | bool | None = None
    region: Region = Region.HOST
    most: Dim | None = None
    least: int | None = None
    told_by: frozenset[Any] | None = field(default=None, compare=False)

    @property
    def as_dim(self) -> Dim | None:
        """The integer as a size; None when it is not known before run time, and for floats and bools."""
        if isinstance(self.value, Dim):
            return self.value
        return dim(int(self.value)) if self.kind is int and self.value is not None else None

    def __str__(self) -> str:
        if self.value is None:
            return self.kind.__name__
        return f"{self.kind.__name__}({dim_text(self.value) if isinstance(self.value, Dim) else self.value})"


def number_type(value: object, region: Region = Region.HOST) -> Type:
    """The type of a Python number or a size."""
    match value:
        case bool() | float():
            return NumberType(type(value), value, region)
        case int():
            return NumberType(int, dim(value), region)
        case Dim():
            return NumberType(int, value, region)
        case _:
            return UnknownType("not a number")


@dataclass(frozen=True)
class ConstantType(Type):
    """A value known exactly that is neither number nor tensor: None, Ellipsis, a string, a torch.device."""

    value: object

    def __str__(self) -> str:
        return repr(self.value)


@dataclass(frozen=True)
class OptionalType(Type):
    """A parameter that the text lets be None: a variable's type only, never an expression's. Code that asks which is checked for both."""

    inner: Type

    def __str__(self) -> str:
        return f"{self.inner} | None"


@dataclass(frozen=True)
class DtypeType(Type):
    """A torch dtype; None when it is not known which."""

    dtype: torch.dtype | None

    def __str__(self) -> str:
        return f"dtype({short_name(self.dtype)})"


@dataclass(frozen=True)
class OpaqueType(Type):
    """An ordinary Python object of a known class whose value is not known: `str`, `torch.device`."""

    cls: type

    def __str__(self) -> str:
        return self.cls.__name__


@dataclass(frozen=True)
class SequenceType(Type):
    """A tuple, list or torch.Size of known length; `kind` is the Python class. `fields` are the items' names in a named tuple or a
    dataclass."""

    items: tuple[Type, ...]
    kind: type = tuple
    fields: tuple[str, ...] = ()

    def path(self, owner: str, position: int) -> str:
        """Python that yields an item of what `owner` yields."""
        return f"{owner}.{self.fields[position]}" if self.fields else f"{owner}[{position}]"

    def __str__(self) -> str:
        if self.fields:
            return f"{self.kind.__name__}({', '.join(f'{n}={i}' for n, i in zip(self.fields, self.items, strict=True))})"
        inner = ", ".join(map(str, self.items))
        if self.kind is list:
            return f"[{inner}]"
        return f"({inner},)" if len(self.items) == 1 else f"({inner})"


@dataclass(frozen=True)
class StarSequenceType(Type):
    """The sizes of a tensor of unknown rank (`x.size()`), or the tiles over them."""

    star: Star
    item: Type

    def __str__(self) -> str:
        return f"({self.star})"


@dataclass(frozen=True)
class DictType(Type):
    items: tuple[tuple[object, Type], ...]

    def __str__(self) -> str:
        return "{" + ", ".join(f"{k!r}: {v}" for k, v in self.items) + "}"


@dataclass(frozen=True)
class SliceType(Type):
    """`lower:upper:step`; a part left out is `ConstantType(None)`. `distance` is `upper - lower` where neither is known but that is."""

    lower: Type
    upper: Type
    step: Type
    distance: Dim | None = None

    def __str__(self) -> str:
        parts = ["" if part == ConstantType(None) else str(part) for part in (self.lower, self.upper, self.step)]
        return ":".join(parts if parts[2] else parts[:2])


@dataclass(frozen=True)
class Block:
    """One block size of a kernel: a tuned entry of `block_sizes`, or fixed by the source.

    `index` counts blocks in order of appearance; `entry` is the position in `config["block_sizes"]`, None when `fixed`.
    `extent` is the largest useful length (a Dim of host sizes), None when only known at run time; `minimum` as registered.
    """

    index: int
    symbol: BlockSymbol
    entry: int | None
    extent: Dim | None
    fixed: Dim | None
    minimum: int
    span: Span

    def __str__(self) -> str:
        return str(self.symbol)


@dataclass(frozen=True)
class Axis:
    """One dimension of one `hl.tile` or `hl.grid` loop. `block` is None for `hl.grid`.

    `begin` and `end` are Dims when they are host sizes or constants, None when they are read on the device; `step` is that of `hl.grid`.
    `lanes` are, for `hl.jagged_tile`, the dims of the tensor of ends: each of its lanes ends where that tensor says.
    """

    index: int
    name: str
    block: Block | None
    begin: Dim | None
    end: Dim | None
    span: Span
    step: Dim | None = None
    lanes: tuple[Dim, ...] = ()


@dataclass(frozen=True)
class TileType(Type):
    """The loop variable of `hl.tile`: a range of indices of length `axis.block`, in one program."""

    axis: Axis

    def __str__(self) -> str:
        return f"tile({self.axis.name})"


@dataclass(frozen=True)
class BlockSizeType(Type):
    """The result of `hl.register_block_size`, or `tile.block_size`: an int that is constant within a config."""

    block: Block

    def __str__(self) -> str:
        return f"block_size({self.block})"


@dataclass(frozen=True)
class Tunable:
    """A number that a config decides under a key of its own (`hl.register_tunable`).

    `fragment` (a `helion.config.fragments.Fragment`) says which values there are; `kind` is int, float or bool.
    """

    name: str
    fragment: Any
    kind: type[int | float | bool]
    symbol: TunableSymbol
    span: Span


@dataclass(frozen=True)
class TunableType(Type):
    """A float or bool that a config decides. An int that a config decides is a NumberType over its TunableSymbol: sizes are written
    with it."""

    tunable: Tunable

    def __str__(self) -> str:
        return f"{self.tunable.kind.__name__}({self.tunable.symbol})"


@dataclass(frozen=True)
class FunctionType(Type):
    """Something callable. `function` is a torch function, an op's stub or a Python builtin that may be looked at, never run blindly."""

    name: str
    function: Callable[..., Any]

    def __str__(self) -> str:
        return f"function {self.name}"


@dataclass(frozen=True)
class UserFunctionType(Type):
    """A Python function or lambda of the user's, known by its syntax, and checked inline where it is called.

    `syntax` is a `helion.syntax.tree.FunctionSyntax`; `names` resolves its free names (closure first, then globals). `enclosing` is the
    `Scope` that a function was defined in while it was checked.
    """

    name: str
    syntax: Any
    names: Any
    enclosing: Any = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"function {self.name}"


@dataclass(frozen=True)
class KernelType(Type):
    """Another kernel: a launch of its own, which a kernel cannot call. The `function` that it decorates may combine elements."""

    name: str
    function: Type

    def __str__(self) -> str:
        return f"kernel {self.name}"


@dataclass(frozen=True)
class ElementFunctionType(Type):
    """A function that was traced for one element: `result` is what it gives for parameters of the types that the op asked for."""

    name: str
    result: Type

    def __str__(self) -> str:
        return f"function {self.name} -> {self.result}"


@dataclass(frozen=True)
class ModuleType(Type):
    name: str
    module: Any

    def __str__(self) -> str:
        return f"module {self.name}"


@dataclass(frozen=True)
class MethodType(Type):
    """A method of a tensor or tile before it is called: `x.sum`, where `owner` is the type of `x`."""

    owner: Type
    name: str

    def __str__(self) -> str:
        return f"method {self.name} of {self.owner}"


@dataclass(frozen=True)
class DimOrigin:
    """Where a named size or a block size comes from, in words and as a place: "size 0 of parameter `x`". `multiple` divides the size in
    every call that a specialization serves; None where specializations do not tell."""

    text: str
    span: Span | None
    host_expression: str | None = None
    multiple: int | None = None


DimOrigins = Mapping[Any, DimOrigin]
