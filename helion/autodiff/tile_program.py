"""What one tile of a kernel computes, as a graph of torch calls over what it reads; values only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from helion.source import Span
from helion.typed_kernel import tree
from helion.types.types import Axis, TensorType, Type
from helion.types.untyped import is_sequence


@dataclass(frozen=True)
class Place:
    """Elements of a host tensor: `index` as it is written, `mask` the name of what leaves some of them out."""

    tensor: str
    index: tuple[str, ...]
    mask: str | None = None

    @property
    def subscript(self) -> str:
        return f"{self.tensor}[{', '.join(self.index) or '()'}]"

    @property
    def load(self) -> str:
        """A load from there."""
        if self.mask is None:
            return self.subscript
        return f"hl.load({self.tensor}, {self.index_list}, extra_mask={self.mask})"

    @property
    def index_list(self) -> str:
        """The index as an argument, where `:` is no expression."""
        return f"[{', '.join('slice(None)' if item == ':' else item for item in self.index)}]"


@dataclass(frozen=True)
class Leaf:
    """A value that the gradient takes from the forward as it is: `name = text`, or for a number of the call its `name` alone.

    `uses` are the leaves that the text reads, `loads` is the host tensor that a load reads. With a `source` it is a load that may be
    differentiated; `is_whole` then says that all tiles together read each element of the tensor once, `covers` that they leave none out.
    """

    position: int
    name: str
    text: str | None
    type: Type
    span: Span
    uses: tuple[int, ...] = ()
    loads: str | None = None
    source: Place | None = None
    is_whole: bool = False
    covers: bool = False


@dataclass(frozen=True)
class Computed:
    """A call on values that depend on differentiable loads."""

    target: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    type: Type
    span: Span


@dataclass(frozen=True)
class Store:
    """`place = value`; `type` is that of a load from there."""

    place: Place
    value: Any
    type: TensorType
    span: Span


@dataclass(frozen=True)
class TileProgram:
    kernel: tree.TypedKernel
    loop: tree.Loop
    leaves: tuple[Leaf, ...]
    stores: tuple[Store, ...]


@dataclass(frozen=True)
class Tile:
    name: str
    axis: Axis


def is_active(value: Any) -> bool:
    """Whether a value depends on a differentiable load."""
    if is_sequence(value):
        return any(is_active(item) for item in value)
    return isinstance(value, Computed) or (isinstance(value, Leaf) and value.source is not None)


def leaves_of(value: Any) -> Iterator[Leaf]:
    """The leaves that a value is, or is a tuple of."""
    if isinstance(value, Leaf):
        yield value
    elif is_sequence(value):
        for item in value:
            yield from leaves_of(item)
