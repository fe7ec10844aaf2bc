"""Tensors of tensors that are told apart by their addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helion.diagnostics.diagnostic import Diagnostic


@dataclass(frozen=True)
class StackTensorOnHost(Diagnostic):
    """A stack of tensors is read and written by programs; the host has the tensors themselves.

    Bad:
        >>> stack = hl.stacktensor_like(x, pointers)
        >>> for tile in hl.tile(n): ...
    Good:
        >>> for tile in hl.tile(n):
        ...     stack = hl.stacktensor_like(x, pointers[:])
        ...     out[tile] = stack[tile].sum(0)
    """

    code: ClassVar[str] = "stack-tensor-on-host"
    exception: ClassVar[str] = "StackTensorcOnHost"

    def message(self) -> str:
        return "`hl.stacktensor_like` makes a stack in device code only"


@dataclass(frozen=True)
class StackPointersOnHost(Diagnostic):
    """The addresses of a stack's tensors are values of the program, loaded from the tensor that holds them.

    Bad:
        >>> stack = hl.stacktensor_like(x, pointers)
    Good:
        >>> stack = hl.stacktensor_like(x, pointers[:])
    """

    code: ClassVar[str] = "stack-pointers-on-host"
    exception: ClassVar[str] = "StackTensorDevPtrOnHost"
    pointers: str

    def message(self) -> str:
        return f"the addresses of a stack must be loaded first, as in `pointers[:]`; {self.pointers} is a host tensor"


@dataclass(frozen=True)
class StackPointersType(Diagnostic):
    """An address is a uint64, as `tensor.data_ptr()` gives it.

    Bad:
        >>> stack = hl.stacktensor_like(x, index[:])      # `index` is int64
    Good:
        >>> stack = hl.stacktensor_like(x, pointers[:])   # `pointers` is uint64
    """

    code: ClassVar[str] = "stack-pointers-type"
    exception: ClassVar[str] = "StackTensorDevPtrDtype"
    pointers: str

    def message(self) -> str:
        return f"the addresses of a stack are uint64, not {self.pointers}"


@dataclass(frozen=True)
class StackExampleOnDevice(Diagnostic):
    """The example says the shape, strides and dtype that all tensors of a stack have; a device value has no strides.

    Bad:
        >>> stack = hl.stacktensor_like(x[tile], pointers[:])
    Good:
        >>> stack = hl.stacktensor_like(x, pointers[:])
    """

    code: ClassVar[str] = "stack-example-on-device"
    exception: ClassVar[str] = "StackTensorExampleOnDevice"
    example: str

    def message(self) -> str:
        return f"the example of a stack must be a host tensor, not {self.example}"
