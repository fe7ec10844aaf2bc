"""What the language's values are to a type checker: the types in the signatures of its functions. Kernels are checked without them."""

from __future__ import annotations

from collections.abc import Sequence
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import torch

from helion.ops.inside_kernel import only_inside_kernel

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Tensors = TypeVar("Tensors", torch.Tensor, tuple[torch.Tensor, ...])
OutputLike = TypeVar("OutputLike", torch.Tensor, tuple[torch.Tensor, ...], None)
Bound = int | torch.Tensor
Index = int | slice | torch.Tensor | EllipsisType | None
Indices = Index | Sequence[Index]


class Tile(int):
    """The loop variable of `hl.tile`: the indices `[begin, end)` of one tile.

    As a number it is its block size, so that torch takes it where a size or an index is expected. Only loops make tiles.
    """

    begin: int
    end: int
    block_size: int
    count: int
    id: int

    @property
    def index(self) -> torch.Tensor:
        """The indices of the tile's lanes: `[begin, begin + 1, ...]`."""
        only_inside_kernel("tile.index")

    def __add__(self, offset: int | torch.Tensor) -> torch.Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]  # not a number's sum
        """The tile's indices, shifted."""
        only_inside_kernel("tile + offset")


class StackTensor:
    """Tensors of one shape, strides and dtype, one for each address of `dev_ptrs`: what `hl.stacktensor_like` gives.

    Its shape is `dev_ptrs.shape + tensor_like.shape`; an index is one of `tensor_like`, and reads or writes all tensors at that place.
    """

    tensor_like: torch.Tensor
    dev_ptrs: torch.Tensor
    shape: torch.Size
    dtype: torch.dtype
    device: torch.device

    def __getitem__(self, index: Indices) -> torch.Tensor:
        only_inside_kernel("StackTensor")

    def __setitem__(self, index: Indices, value: torch.Tensor | float) -> None:
        only_inside_kernel("StackTensor")


class TunableValue(Protocol[T_co]):
    """A fragment: values of one type that a config chooses from."""

    def default(self) -> T_co: ...


if TYPE_CHECKING:

    class constexpr(Any, Protocol):  # noqa: N801 - public name of the language
        """A constant of the kernel: any value may be given for a parameter so annotated, and it may be used like any.

        No type both takes any value and can be constructed: `hl.constexpr(5)` at a call runs, but type checkers report it.
        """
