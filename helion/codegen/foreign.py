"""How Triton that users wrote sees a kernel's values: with every dim, as pointers, in functions of its own; and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import fx

from helion.types.dims import Dim
from helion.types.dtypes import triton_name
from helion.types.types import Region, TensorType

if TYPE_CHECKING:
    from helion.codegen.kernel_body import KernelBody


@dataclass(frozen=True)
class ForeignText:
    """Implements `helion.ops.contexts.ForeignContext` for the node at hand of a kernel being written."""

    body: KernelBody

    def argument(self, value: Any) -> str:
        """A value at its logical shape, dims of 1 included; a host tensor as its pointer; anything else as a literal."""
        if isinstance(value, torch.dtype):
            return triton_name(value)
        type_ = self.body.type_of(value) if isinstance(value, fx.Node) else None
        if not isinstance(type_, TensorType):
            return self.body.text(value)
        if type_.region is Region.HOST:
            return self.body.arguments.tensor(self.body.text(value), type_)
        return self._with_every_dim(value, type_)

    def _with_every_dim(self, value: fx.Node, type_: TensorType) -> str:
        kept, text = self.body.physical_dims(type_.dims), self.body.text(value)
        if len(kept) == len(type_.dims):
            return text
        if not kept:
            assert type_.dtype is not None
            return f"tl.full([{', '.join('1' for _ in type_.dims)}], {text}, {triton_name(type_.dtype)})"
        subscript = ", ".join(":" if i in kept else "None" for i in range(len(type_.dims)))
        return f"{self.body.temporary('value', text)}[{subscript}]"

    def result(self, text: str, dims: tuple[Dim, ...]) -> str:
        """A value of this logical shape as the kernel holds it, without its dims of 1."""
        kept = self.body.physical_dims(dims)
        if len(kept) == len(dims):
            return text
        if kept:
            return f"tl.reshape({text}, {self.body.physical_shape(dims)})"
        return f"tl.max(tl.reshape({text}, [1]), 0)"

    def function(self, hint: str, parameters: tuple[str, ...], body: tuple[str, ...]) -> str:
        """The name of a `@triton.jit` function at module scope with this body; the same body is written once."""
        return self.body.functions.written(hint, parameters, body)

    def verbatim(self, lines: tuple[str, ...]) -> None:
        """Text at module scope, before the kernel, written once."""
        self.body.functions.verbatim(lines)
