"""What a rule may use: small protocols that the engines above implement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from helion.diagnostics.diagnostic import Diagnostic
from helion.source import Span
from helion.types.dims import Dim, Verdict
from helion.types.types import Axis, Block, Region, Shape, Type, UnknownType


class TypingContext(Protocol):
    """Given to `infer_x` and `iterates`. Rules never raise for a user's error: they report and return what `report` gives back."""

    @property
    def span(self) -> Span:
        """The span of the whole call."""
        ...

    @property
    def region(self) -> Region:
        """Where the call stands: host code or device code."""
        ...

    def argument_span(self, name: str) -> Span:
        """The span of the argument bound to the stub's parameter `name` (the call's span when it was defaulted)."""
        ...

    def report(self, diagnostic: Diagnostic) -> UnknownType: ...

    def resolve(self, dim: Dim) -> Dim:
        """The dim with assumed equalities applied."""
        ...

    def require_equal(self, left: Dim, right: Dim) -> Verdict: ...

    def broadcast(self, *shapes: Shape) -> Shape | None:
        """Torch's broadcasting over dims, unifying named sizes; None when they cannot be broadcast (nothing is reported)."""
        ...

    def torch_type(self, function: Callable[..., Any], args: tuple[Type, ...], kwargs: Mapping[str, Type]) -> Type:
        """Torch's own answer for a call, by running it on meta tensors; reports torch's error as a diagnostic."""
        ...

    def new_axis(self, *, begin: Type | None, end: Type, block_size: Type | None, is_tile: bool) -> Axis:
        """A new loop axis; named after the loop target when it is known. `block_size` None or ConstantType(None) means tuned."""
        ...

    def new_block(self, *, minimum: int, extent: Dim | None) -> Block:
        """A new tuned block size not tied to one loop (`hl.register_block_size`)."""
        ...

    def specialize(self, value: Type) -> Type:
        """The value made a compile-time constant (recorded as such)."""
        ...
