"""The state of one check and what op rules may ask of it (`helion.ops.contexts.TypingContext`)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from helion.diagnostics.catalog.shapes import DataDependentShape, ShapeMismatch, TorchError
from helion.diagnostics.catalog.tiles import TileMisuse
from helion.diagnostics.catalog.tunables import TunableNameConflict
from helion.diagnostics.diagnostic import Diagnostic
from helion.ops.memory import infer_load
from helion.ops.operation import Op, OpTable
from helion.ops.table import OPS
from helion.settings import Settings
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile, Span
from helion.syntax.tree import Positioned, span_of
from helion.typecheck.equal_sizes import ask_with_equal_sizes, resolved
from helion.typecheck.known_sizes import KnownSizes
from helion.typecheck.scope import Scope
from helion.typed_kernel import tree
from helion.types.dims import (
    MOST_ELEMENTS,
    BlockSymbol,
    CallSymbol,
    Dim,
    DimFacts,
    LateSymbol,
    SizeSymbol,
    Verdict,
    block_symbol,
    constant,
    dim,
    late_symbol,
    size_symbol,
    substitute,
    tunable_symbol,
)
from helion.types.host_views import viewed
from helion.types.meta import ask_torch
from helion.types.other_sizes import is_late, renamed
from helion.types.refusals import Refusal
from helion.types.sources import NOTHING, Sources
from helion.types.types import (
    Axis,
    Block,
    BlockSizeType,
    DimOrigin,
    NumberType,
    Region,
    SequenceType,
    Shape,
    Star,
    TensorType,
    TileType,
    Tunable,
    Type,
    UnknownType,
)

ONE = dim(1)
NOWHERE = Span(0, 0)
MOST_UNROLLED = 4096


def _nothing(checker: Checker, body: list[ast.stmt]) -> None:
    raise AssertionError("set by `check_kernel`")


@dataclass
class Checker:
    """One kernel being checked. `statements` collects the device statements of the block at hand, `decisions` the conditions by which the
    function at hand branches on the host."""

    file: SourceFile
    signature: KernelSignature
    settings: Settings
    scope: Scope
    region: Region = Region.HOST
    facts: DimFacts = field(default_factory=DimFacts)
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    blocks: list[Block] = field(default_factory=list[Block])
    tunables: dict[str, Tunable] = field(default_factory=dict[str, Tunable])
    axes: list[Axis] = field(default_factory=list[Axis])
    dim_origins: dict[Any, DimOrigin] = field(default_factory=dict[Any, DimOrigin])
    specialized: dict[Any, int] = field(default_factory=dict[Any, int])
    known_sizes: KnownSizes = field(default_factory=KnownSizes)
    statements: list[tree.Stmt] = field(default_factory=list[tree.Stmt])
    bindings: list[tree.Binding] = field(default_factory=list[tree.Binding])
    device_names: dict[str, Span] = field(default_factory=dict[str, Span])
    read_later: frozenset[str] = frozenset()
    loop_targets: list[str] = field(default_factory=list[str])
    returns: list[tree.Expr] = field(default_factory=list[tree.Expr])
    possible_returns: list[tree.Expr] = field(default_factory=list[tree.Expr])
    decisions: list[Type] = field(default_factory=list[Type])
    span: Span = NOWHERE
    span_override: Span | None = None
    argument_spans: Mapping[str, Span] = field(default_factory=dict[str, Span])
    asides: list[tree.Expr] = field(default_factory=list[tree.Expr])
    lost_names: frozenset[str] = frozenset()
    inline_depth: int = 0
    expression_depth: int = 0
    helper_count: int = 0
    unrolled: int = 0
    late_count: int = 0
    late_names: dict[LateSymbol, SizeSymbol] = field(default_factory=dict[LateSymbol, SizeSymbol])
    ops: OpTable = OPS
    grid_op: Op | None = None
    check_device_body: Callable[[Checker, list[ast.stmt]], None] = _nothing
    check_host_body: Callable[[Checker, list[ast.stmt]], None] = _nothing

    # -- places -----------------------------------------------------------------------------------------------------

    def may_unroll(self, rounds: int, span: Span, inside: int) -> bool:
        """Counts rounds of unrolled loops: those of nested ones multiply, so that a few lines could be millions of statements. The first
        loop that goes too far is reported; one with so many rounds `inside` each of its own that it will is so before the first."""
        before, whole = self.unrolled, self.unrolled + rounds * (1 + inside)
        self.unrolled = whole if whole > MOST_UNROLLED else before + rounds
        if before <= MOST_UNROLLED < self.unrolled:
            self.report(TileMisuse(span, f"unrolling stops at {MOST_UNROLLED} rounds in a kernel: use `hl.grid`"))
        return self.unrolled <= MOST_UNROLLED

    def span_of(self, node: Positioned) -> Span:
        """A node's span in the kernel's file; inside a helper of another file, the call's."""
        return self.span_override if self.span_override is not None else span_of(self.file, node)

    @contextmanager
    def calling(self, span: Span, argument_spans: Mapping[str, Span]) -> Generator[None]:
        """While a rule runs: where its call and arguments stand."""
        before = self.span, self.argument_spans
        self.span, self.argument_spans = span, argument_spans
        yield
        self.span, self.argument_spans = before

    @property
    def index_dtype(self) -> torch.dtype:
        return torch.int64 if self.signature.index_bits == 64 else torch.int32

    def argument_span(self, name: str) -> Span:
        return self.argument_spans.get(name, self.span)

    def note(self, span: Span, expr: tree.Expr) -> None:
        """Keep what stands at a place of the kernel's file, for queries: the tree may drop it or give it another place."""
        if self.span_override is None:
            self.asides.append(expr if expr.span == span else tree.HostValue(expr.type, span, "", (expr,)))

    # -- findings ---------------------------------------------------------------------------------------------------

    def report(self, diagnostic: Diagnostic) -> UnknownType:
        if diagnostic not in self.diagnostics:
            self.diagnostics.append(diagnostic)
        return UnknownType("there was an error")

    def resolve(self, dim: Dim) -> Dim:
        return self.facts.resolve(dim)

    def require_equal(self, left: Dim, right: Dim) -> Verdict:
        return self.facts.require_equal(left, right)

    def broadcast(self, *shapes: Shape) -> Shape | None:
        result: Shape = ()
        for shape in shapes:
            joined = self._broadcast_two(result, shape)
            if joined is None:
                return None
            result = joined
        return result

    def _broadcast_two(self, left: Shape, right: Shape) -> Shape | None:
        if any(isinstance(d, Star) for d in (*left, *right)):
            return right if left == () or not any(isinstance(d, Star) for d in left) else left
        rank = max(len(left), len(right))
        a = (ONE,) * (rank - len(left)) + left
        b = (ONE,) * (rank - len(right)) + right
        result: list[Dim | Star] = []
        for x, y in zip(a, b, strict=True):
            assert isinstance(x, Dim) and isinstance(y, Dim)
            joined = self._broadcast_dims(x, y)
            if joined is None:
                return None
            result.append(joined)
        return tuple(result)

    def _broadcast_dims(self, x: Dim, y: Dim) -> Dim | None:
        x, y = self.resolve(x), self.resolve(y)
        if x in (ONE, y):
            return y
        if y == ONE:
            return x
        if self.facts.require_equal(x, y) is Verdict.DIFFERENT:
            return None
        return self.resolve(x)

    def loaded_type(self, tensor: Type, index: Type) -> Type:
        return infer_load(self, tensor, index)

    # -- torch ------------------------------------------------------------------------------------------------------

    def torch_type(self, function: Callable[..., Any], args: tuple[Type, ...], kwargs: Mapping[str, Type]) -> Type:
        args = tuple(resolved(a, self.facts) for a in args)
        options = {name: resolved(value, self.facts) for name, value in kwargs.items()}
        answer = ask_torch(function, args, options, self.region)
        if not isinstance(answer, Refusal):
            return self._told_apart(answer)
        if not answer.certain:
            is_plain = self.region is Region.HOST and not options
            view = viewed(function, args, self.signature.hints, self.late_size) if is_plain else None
            if view is not None:
                return view
            found = ask_with_equal_sizes(function, args, options, self.region, self.facts)
            if found is None:
                return UnknownType("torch cannot tell without sizes")
            type_, self.facts = found
            return self._told_apart(type_)
        if answer.needs_data:
            return self.report(DataDependentShape(self.span, getattr(function, "__name__", str(function))))
        tensors = [a for a in (*args, *options.values()) if isinstance(a, TensorType)]
        if len(tensors) == 2 and _is_broadcast_error(answer.words):
            return self.report(ShapeMismatch(self.span, str(tensors[0]), str(tensors[1])))
        if "must be Tensor, not" in answer.words and any(isinstance(a, TileType) for a in args):
            return self.report(TileMisuse(self.span, "a tile is not a tensor: use `tile.index` for its indices"))
        return self.report(TorchError(self.span, getattr(function, "__name__", str(function)), answer.words))

    # -- loops and sizes --------------------------------------------------------------------------------------------

    def new_axis(self, *, begin: Type | None, end: Type, block_size: Type | None, is_tile: bool, lanes: tuple[Dim, ...] = ()) -> Axis:
        position = len(self.axes)
        name = self.loop_targets.pop(0) if self.loop_targets else f"tile_{position}"
        low = dim(0) if begin is None else _known_dim(begin)
        high = _known_dim(end)
        block = None
        if is_tile:
            most = high if high is not None or not isinstance(end, NumberType) else end.most
            extent = None if most is None else most - (low or 0)
            block = self._block_of(name, extent, block_size)
        step = None if is_tile or block_size is None else _known_dim(block_size)
        axis = Axis(position, name, block, low, high, self.span, step, lanes)
        self.axes.append(axis)
        return axis

    def _block_of(self, name: str, extent: Dim | None, block_size: Type | None) -> Block:
        if isinstance(block_size, BlockSizeType):
            return block_size.block
        if isinstance(block_size, NumberType) and isinstance(block_size.value, BlockSymbol):
            return next(b for b in self.blocks if b.symbol == block_size.value)
        fixed = None
        if block_size is not None and not isinstance(block_size, UnknownType):
            fixed = _known_dim(block_size)
            if fixed is None and self.is_baked(block_size):
                fixed = self.late_size(self.told_by(block_size))
            if fixed is not None and fixed.has(SizeSymbol):
                self._specialized(NumberType(int, fixed))  # what only running tells is an error of its own (late_blocks)
            length = None if fixed is None else constant(fixed)
            if fixed is None or (length is not None and not (0 < length <= MOST_ELEMENTS and length & (length - 1) == 0)):
                words = f"a fixed block size must be a constant power of two, at most {MOST_ELEMENTS}"
                self.report(TileMisuse(self.argument_span("block_size"), words))
                fixed = None
        return self._add_block(name, extent, fixed, 1)

    def new_block(self, *, minimum: int, extent: Dim | None) -> Block:
        name = self.loop_targets.pop(0) if self.loop_targets else f"block_{len(self.blocks)}"
        return self._add_block(name, extent, None, minimum)

    def _add_block(self, name: str, extent: Dim | None, fixed: Dim | None, minimum: int) -> Block:
        taken = {str(b.symbol) for b in self.blocks}
        unique, count = name, 0
        while unique in taken:
            count += 1
            unique = f"{name}_{count}"
        entry = None if fixed is not None else sum(b.fixed is None for b in self.blocks)
        block = Block(len(self.blocks), block_symbol(unique), entry, extent, fixed, minimum, self.span)
        self.blocks.append(block)
        line = self.file.position(self.span.start).line + 1
        what = f"block size fixed at {fixed}" if fixed is not None else "block size"
        self.dim_origins[block.symbol] = DimOrigin(f"{what} of the loop at line {line}", self.span)
        return block

    def new_tunable(self, name: str, fragment: Any, kind: type[int | float | bool]) -> Tunable:
        known = self.tunables.get(name)
        if known is None:
            known = self.tunables[name] = Tunable(name, fragment, kind, tunable_symbol(name), self.span)
            line = self.file.position(self.span.start).line + 1
            self.dim_origins[known.symbol] = DimOrigin(f"tunable registered at line {line}", self.span)
        elif known.fragment != fragment:
            self.report(TunableNameConflict(self.argument_span("name"), name, f"it is registered with {known.fragment}", known.span))
        return known

    def specialize(self, value: Type) -> Type:
        if isinstance(value, SequenceType):
            return replace(value, items=tuple(self.specialize(item) for item in value.items))
        if not isinstance(value, NumberType) or value.kind is not int:
            if not isinstance(value, UnknownType):
                self.report(TileMisuse(self.span, f"only sizes and ints can be specialized, not {value}"))
            return value
        if not self._specialized(value):
            self.report(TileMisuse(self.span, "only what sizes and ints of arguments tell can be specialized, not what memory does"))
        return value

    def _specialized(self, value: Type) -> bool:
        """Have specializations know what tells a value; False, and nothing done, where arguments do not tell it."""
        sources = self.told_by(value)
        if sources is None or not self.known_sizes.bake(sources):
            return False
        self._take_sizes(sources)
        return True

    def bake(self, value: Type) -> None:
        """Have the check done again with the sizes of the call at hand that tell a value, if specializations know them."""
        if self.is_baked(value):
            self._take_sizes(self.told_by(value) or NOTHING)

    def _take_sizes(self, sources: Sources) -> None:
        self.specialized.update({symbol: self.signature.hints[symbol] for symbol in sources if symbol in self.signature.hints})

    def told_by(self, *values: Type) -> Sources | None:
        """What a call has to tell for values of the host to be known; None where that is not all that it takes."""
        return self.known_sizes.told_by(values, self.facts)

    def is_baked(self, value: Type) -> bool:
        return self.known_sizes.is_baked(self.told_by(value) or NOTHING, self.facts)

    def late_size(self, told_by: Sources | None = None) -> LateSymbol:
        """A size of the host's that only running tells, told apart from all others."""
        self.late_count += 1
        symbol = late_symbol(self.late_count)
        if told_by is not None:
            self.known_sizes.computed[symbol] = told_by
        return symbol

    def _told_apart(self, type_: Type) -> Type:
        """What torch gives, with the sizes that only running this call tells told apart from those of other calls."""
        own: dict[CallSymbol, LateSymbol] = {}

        def rename(size: Dim, name: str, text: str) -> Dim:
            del name, text
            for symbol in size.atoms(CallSymbol):
                own.setdefault(symbol, self.late_size())
            return substitute(size, own)

        return renamed(type_, rename)

    def _named_late_sizes(self, variable: str, type_: Type, span: Span) -> Type:
        """The type of a host variable with late sizes called after it, or after the variable that had them first."""

        def rename(size: Dim, name: str, text: str) -> Dim:
            known = substitute(size, self.late_names)
            if not is_late(known):
                return known
            words = f"size of host variable `{variable}`" if "." in text else f"host variable `{variable}`"
            symbol = self._named(name, span, text, words, self.told_by(NumberType(int, size)))
            if isinstance(size, LateSymbol):
                self.late_names[size] = symbol
            return symbol

        return renamed(type_, rename, variable, variable)

    def bind_host_name(self, name: str, type_: Type, span: Span) -> Type:
        """Give a host variable its type where it is assigned; an int that only the run time knows becomes a named size. The type it has."""
        if isinstance(type_, NumberType) and type_.kind is int and type_.value is None:
            type_ = self.named_host_int(name, span, type_)
        else:
            type_ = self._named_late_sizes(name, type_, span)
        self.scope.bind(name, type_, Region.HOST, span)
        self.bindings.append(tree.Binding(name, type_, span, Region.HOST))
        return type_

    def named_host_int(self, name: str, span: Span, *computed: Type) -> NumberType:
        """A host integer only known at run time, given a name so that sizes can be written with it; each binding gets a name of its own.
        `computed` are the values that it is computed from, if those are all it takes."""
        return NumberType(int, self._named(name, span, name, f"host variable `{name}`", self.told_by(*computed) if computed else None))

    def named_host_sizes(self, name: str, span: Span, sides: tuple[TensorType, TensorType]) -> TensorType:
        """A host tensor of one of two shapes, which only the run tells: each size that differs gets a name of its own."""
        first, second = sides
        shape = tuple(
            a
            if self.facts.known_equal(a, b)
            else self._named(f"{name}_size_{i}", span, f"{name}.size({i})", f"size {i} of host variable `{name}`")
            for i, (a, b) in enumerate(zip(first.dims, second.dims, strict=True))
        )
        return TensorType(shape, first.dtype, first.region, None, first.is_aligned and second.is_aligned)

    def _named(self, name: str, span: Span, expression: str, words: str, told_by: Sources | None = None) -> SizeSymbol:
        symbol: SizeSymbol = size_symbol(name)
        count = 0
        while (known := self.dim_origins.get(symbol)) is not None and (known.span, known.host_expression) != (span, expression):
            count += 1
            symbol = size_symbol(f"{name}_{count}")
        self.dim_origins[symbol] = DimOrigin(words, span, expression)
        self.known_sizes.computed.pop(symbol, None)
        if told_by is not None:
            self.known_sizes.computed[symbol] = told_by
        return symbol


def _known_dim(type_: Type) -> Dim | None:
    if isinstance(type_, BlockSizeType):
        return type_.block.symbol
    return type_.as_dim if isinstance(type_, NumberType) else None


def _is_broadcast_error(words: str) -> bool:
    return "broadcast" in words or "must match the size" in words or "not match" in words
