"""What a rule may use: small protocols that the engines above implement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import torch

from helion.diagnostics.diagnostic import Diagnostic
from helion.source import Span
from helion.types.dims import Dim, Verdict
from helion.types.types import Axis, Block, Region, Shape, Tunable, Type, UnknownType


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

    @property
    def index_dtype(self) -> torch.dtype:
        """The dtype of indices: int32, or int64 where tensors are too large for that."""
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

    def loaded_type(self, tensor: Type, index: Type) -> Type:
        """The type of `tensor[index]` in device code, by the rules of loads; reports what is wrong with the index."""
        ...

    def torch_type(self, function: Callable[..., Any], args: tuple[Type, ...], kwargs: Mapping[str, Type]) -> Type:
        """Torch's own answer for a call, by running it on meta tensors; reports torch's error as a diagnostic."""
        ...

    def new_axis(self, *, begin: Type | None, end: Type, block_size: Type | None, is_tile: bool, lanes: tuple[Dim, ...] = ()) -> Axis:
        """A new loop axis; named after the loop target when it is known. `block_size` None or ConstantType(None) means tuned; `lanes`
        are the dims of the tensor that says where each lane ends."""
        ...

    def is_baked(self, value: Type) -> bool:
        """Whether a number is a constant of the specialization, though the text alone does not tell which."""
        ...

    def bake(self, value: Type) -> None:
        """Have the check done again with the sizes of the call at hand that tell such a number."""
        ...

    def new_block(self, *, minimum: int, extent: Dim | None) -> Block:
        """A new tuned block size not tied to one loop (`hl.register_block_size`)."""
        ...

    def new_tunable(self, name: str, fragment: Any, kind: type[int | float | bool]) -> Tunable:
        """The number that a config decides under the key `name`; the same for the same name. Another fragment is reported."""
        ...

    def specialize(self, value: Type) -> Type:
        """The value made a compile-time constant (recorded as such)."""
        ...


class AxisNames(Protocol):
    """What the loop of an axis left in the generated code, as Triton text: `index` is the vector of indices (a scalar when the block
    size is 1), `offset` the first of them, `mask` None when provably all lanes are inside."""

    @property
    def index(self) -> str: ...

    @property
    def offset(self) -> str: ...

    @property
    def begin(self) -> str: ...

    @property
    def end(self) -> str: ...

    @property
    def block_size(self) -> str: ...


class ForeignContext(Protocol):
    """How Triton that users wrote sees this kernel: values with every dim, also those of 1 that the kernel itself does without."""

    def argument(self, value: Any) -> str:
        """A value at its logical shape; a host tensor as its pointer; anything else as a literal."""
        ...

    def result(self, text: str, dims: tuple[Dim, ...]) -> str:
        """A value of this logical shape as the kernel holds it."""
        ...

    def function(self, hint: str, parameters: tuple[str, ...], body: tuple[str, ...]) -> str:
        """The name of a `@triton.jit` function at module scope with this body; the same body is written once."""
        ...

    def verbatim(self, lines: tuple[str, ...]) -> None:
        """Text at module scope, before the kernel, written once."""
        ...


class EmitContext(Protocol):
    """Given to `emit_x`. A value's *physical* shape is its logical shape without the dims that are 1 under the config at hand:
    `v[:, None]` costs nothing, and a row program with block size 1 computes on plain vectors."""

    def text(self, value: Any) -> str:
        """The Triton text of an argument: a node's variable, or a literal."""
        ...

    def type_of(self, value: Any) -> Type: ...

    @property
    def result_type(self) -> Any:
        """The type of the node being emitted."""
        ...

    def assign(self, expression: str) -> str:
        """Bind an expression to a fresh name derived from the source's, and return the name."""
        ...

    def statement(self, line: str) -> None: ...

    def decide(self, kind: str, text: str) -> None:
        """Note why the code at hand is as it is, for readers who wonder."""
        ...

    def dim(self, dim: Dim) -> str:
        """A dim as it is laid out: a block size's name, or a padded length."""
        ...

    def length(self, dim: Dim) -> int | None:
        """A dim's length as it is laid out, padded, under the config at hand; None when it is only known at run time."""
        ...

    def size(self, dim: Dim) -> str:
        """A dim's true length (never padded)."""
        ...

    def is_padded(self, dim: Dim) -> bool:
        """Whether a dim has lanes beyond its true length; a block never has, though some of its indices may lie past the loop's end."""
        ...

    def physical_dims(self, shape: tuple[Dim, ...]) -> tuple[int, ...]:
        """The positions of `shape` that are kept in the physical shape."""
        ...

    def physical_shape(self, shape: tuple[Dim, ...]) -> str:
        """The physical shape as Triton text: `[_BLOCK_SIZE_0, 64]`."""
        ...

    def aligned(self, value: Any, shape: tuple[Dim, ...]) -> str:
        """The text of a value with `[:, None]` inserted so that it broadcasts against the physical form of `shape`."""
        ...

    def expanded(self, text: str, own: tuple[int, ...], shape: tuple[Dim, ...]) -> str:
        """Text whose physical dims are at positions `own` of `shape`, with new axes for the other physical dims of `shape`."""
        ...

    def temporary(self, hint: str, expression: str) -> str:
        """A name for an expression."""
        ...

    def valid_count(self, dim: Dim) -> str:
        """How many lanes of a dim are inside, from the first on; `None` when all are. A last tile may give more than there are lanes."""
        ...

    def masked(self, value: Any, other: float | bool, dims: tuple[int, ...], computed: Any = None) -> str:
        """The text of a value, cast to the dtype `computed` if given, whose lanes beyond the tile along `dims` hold `other`."""
        ...

    def is_computed(self, value: Any) -> bool:
        """Whether a value is made in registers; else it is as it came from memory, cut or turned at most."""
        ...

    @property
    def multiplies_from_shared_memory(self) -> bool:
        """Whether tensor cores read the right operand from shared memory only, and the left one from there or from registers."""
        ...

    def cast(self, text: str, from_dtype: Any, to_dtype: Any) -> str:
        """`text.to(...)`, or `text` when the dtypes agree."""
        ...

    def axis(self, axis: Axis) -> AxisNames: ...

    def load(self, tensor: Any, index: Any, extra_mask: Any, eviction_policy: str | None) -> str:
        """The text of a load, by the strategy that the config chose for this site."""
        ...

    def store(self, tensor: Any, index: Any, value: Any, extra_mask: Any) -> None: ...

    def load_stack(self, example: Any, pointers: Any, index: Any, extra_mask: Any, eviction_policy: str | None) -> str:
        """The text of a load at `index` from the tensor at each of some addresses, all with the example's shape, strides and dtype."""
        ...

    def store_stack(self, example: Any, pointers: Any, index: Any, value: Any, extra_mask: Any) -> None: ...

    def atomic(self, function: str, tensor: Any, index: Any, operands: tuple[Any, ...], sem: str) -> str | None:
        """The text of Triton's atomic `function` at `tensor[index]`, masked as a store is: the previous values. None when it was written
        as a statement, where nobody reads them."""
        ...

    def function(self, function: Any, dtypes: tuple[Any, ...]) -> str:
        """The name of a `@triton.jit` function that computes a traced function for one element, its results cast to `dtypes`."""
        ...

    @property
    def foreign(self) -> ForeignContext: ...

    def module_function(self, hint: str, parameters: tuple[str, ...], body: tuple[str, ...]) -> str:
        """The name of a `@triton.jit` function at module scope with this body; the same body is written once."""
        ...

    def counter(self, shape: tuple[Dim, ...], *, across_loops: bool) -> str:
        """The number of each element among all elements of the dims' whole extents, whatever the block sizes: a tile counts as all that
        its loop covers. `across_loops` tells apart iterations of the loops around it that the shape has no dim for."""
        ...

    def first_element(self, tensor: Any) -> str:
        """The text of a load of a host tensor's first element."""
        ...

    def launch_seed(self) -> str:
        """A 64-bit scalar that torch's generator drew for this launch, another one for each node."""
        ...

    def mask_of(self, shape: tuple[Dim, ...], only: tuple[int, ...] | None = None) -> str | None:
        """Which lanes are inside the tile along the dims `only` (all when None), aligned to the physical form of `shape`; None for all."""
        ...

    def reduce_with_place(self, value: Any, dims: tuple[int, ...], kind: Any) -> tuple[str, str]:
        """The texts of the largest or smallest element of a value along `dims`, and of its place there: the first of equal ones."""
        ...

    def reduce(self, value: Any, dims: tuple[int, ...], kind: Any) -> str:
        """The text of a reduction of a value along `dims`; `kind` is a `helion.ops.reductions.ReductionKind`."""
        ...

    @property
    def index_dtype(self) -> str:
        """`tl.int32` or `tl.int64`."""
        ...

    @property
    def dot_precision(self) -> str: ...

    @property
    def minimum_dot(self) -> tuple[int, int, int]:
        """The smallest M, N, K that the target's tensor cores take for 16-bit operands."""
        ...

    def narrowest_bits(self, *operands: Any) -> int:
        """The bits of the narrowest elements that the operands of a product were widened from, halved where two values were joined."""
        ...
