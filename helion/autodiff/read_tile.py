"""A typed kernel in, the program of one of its tiles out; differentiates nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import torch

from helion.autodiff.call_text import Text, call_text, constant_text
from helion.autodiff.fresh_names import Names
from helion.autodiff.not_differentiable import NotDifferentiable
from helion.autodiff.size_text import size_text
from helion.autodiff.tile_program import Computed, Leaf, Place, Store, Tile, TileProgram, is_active, leaves_of
from helion.device_ir.known_values import known_value
from helion.ops.table import OPS
from helion.source import Span
from helion.typed_kernel import tree
from helion.types.dims import Dim
from helion.types.types import Axis, NumberType, Region, SequenceType, TensorType, TileType, Type, UserFunctionType
from helion.types.untyped import is_sequence

_WORDS: Mapping[type[tree.Stmt], str] = MappingProxyType(
    {tree.Loop: "a loop in a tile", tree.If: "a branch at run time", tree.While: "`while`"}
)
# Functions that draw from torch's generator and are made of others.
_OF_A_GENERATOR = frozenset({"rand_like", "randn_like", "randint_like", "dropout", "bernoulli"})
AT_RANDOM = "torch's generator gives other numbers when asked again; `hl.rand` gives the same"


@dataclass(frozen=True)
class _Tensor:
    """A whole host tensor, as an argument of a load."""

    name: str
    type: TensorType


def tile_program(kernel: tree.TypedKernel, differentiable: frozenset[str], names: Names) -> TileProgram:
    """The program of one tile, with loads of the host tensors `differentiable` told apart. Raises NotDifferentiable."""
    loops = [statement for statement in kernel.body if isinstance(statement, tree.Loop)]
    if len(loops) != 1:
        second = loops[1].span if loops else kernel.name_span
        raise NotDifferentiable(second, f"{len(loops)} top-level loops", "one is differentiated")
    reader = _Reader(kernel, loops[0], differentiable, names)
    reader.run()
    return TileProgram(kernel, loops[0], tuple(reader.leaves), tuple(reader.stores))


@dataclass
class _Reader:
    kernel: tree.TypedKernel
    loop: tree.Loop
    differentiable: frozenset[str]
    fresh: Names
    leaves: list[Leaf] = field(default_factory=list[Leaf])
    stores: list[Store] = field(default_factory=list[Store])
    names: dict[str, Any] = field(default_factory=dict[str, Any])
    by_text: dict[str, Leaf] = field(default_factory=dict[str, Leaf])

    def run(self) -> None:
        axes = iter(self.loop.axes)
        for binding in self.loop.targets:
            self.names[binding.name] = self._target(binding.name, binding.type, axes, binding.span)
        for statement in self.loop.body:
            match statement:
                case tree.Assign(target=target, value=value):
                    self.names[target.name] = self.value(value, target.name)
                case tree.Evaluate(value=value):
                    self._effect(value)
                case _:
                    why = "the statements of a tile must run one after another"
                    raise NotDifferentiable(statement.span, _WORDS.get(type(statement), "this statement"), why)

    def _target(self, text: str, type_: Type, axes: Iterator[Axis], span: Span) -> Any:
        if isinstance(type_, SequenceType):
            return tuple(self._target(f"{text}[{i}]", item, axes, span) for i, item in enumerate(type_.items))
        axis = next(axes)
        return Tile(text, axis) if isinstance(type_, TileType) else self._leaf(text, None, type_, span)

    # -- effects ----------------------------------------------------------------------------------------------------

    def _effect(self, expr: tree.Expr) -> None:
        op = OPS.find(expr.target) if isinstance(expr, tree.Call) else None
        if op is None or not isinstance(expr, tree.Call):
            self.value(expr)
        elif op.accesses == "store" and op.stack_form_of is None:
            self._store(expr)
        elif op.accesses is not None or not op.has_effect:
            raise NotDifferentiable(expr.span, f"`{op.name}`", "what it leaves in memory depends on other programs")

    def _store(self, expr: tree.Call) -> None:
        tensor, index, value, mask = self._arguments(expr, "tensor", "index", "value", "extra_mask")
        place = self._place(tensor, index, mask, expr.span)
        if any(store.place.tensor == place.tensor for store in self.stores):
            raise NotDifferentiable(expr.span, f"a second store to `{place.tensor}`", "which of the two is kept is not followed")
        type_ = TensorType(_stored_shape(tensor, index, expr.span), tensor.type.dtype, Region.DEVICE)
        self.stores.append(Store(place, value, type_, expr.span))

    def _arguments(self, expr: tree.Call, *parameters: str) -> list[Any]:
        given = dict(zip(parameters, expr.args, strict=False)) | dict(expr.kwargs)
        return [self.value(given[name]) if name in given else None for name in parameters]

    def _place(self, tensor: Any, index: Any, mask: Any, span: Span) -> Place:
        if not isinstance(tensor, _Tensor):
            raise NotDifferentiable(span, "a stack of tensors", "its members are known by address only")
        items = _items(index)
        return Place(
            tensor.name,
            tuple(":" if item == slice(None) else self._text(item, span).text for item in items),
            None if mask is None else self._text(mask, span).text,
        )

    # -- values -----------------------------------------------------------------------------------------------------

    def value(self, expr: tree.Expr, wish: str = "value") -> Any:
        """A leaf, a Computed, a tile, a whole tensor, a Python value or size, or a tuple of these."""
        match expr:
            case tree.Name(name=name) if name in self.names:
                return self.names[name]
            case tree.Call():
                known = known_value(expr.type)
                return known.value if known is not None and not isinstance(known.value, Axis) else self._call(expr, wish)
            case tree.Slice(lower=lower, upper=upper, step=step):
                parts = tuple(None if part is None else self.value(part) for part in (lower, upper, step))
                if parts != (None, None, None):
                    raise NotDifferentiable(expr.span, "a slice with bounds", "`:` and tiles are differentiated")
                return slice(None)
            case tree.Sequence(items=items):
                return tuple(self.value(item) for item in items)
            case tree.Item(sequence=sequence, index=index):
                whole = self.value(sequence)
                return whole[index] if is_sequence(whole) else Computed(_item, (whole, index), {}, expr.type, expr.span)
            case tree.Select(condition=condition, then=then, otherwise=otherwise):
                parts = tuple(self.value(part) for part in (condition, then, otherwise))
                return self._result(torch.where, parts, {}, expr, wish)
            case tree.Function():
                raise NotDifferentiable(expr.span, f"`{expr.name}`", "a function of single elements is not differentiated")
            case _:
                return self._of_host(expr)

    def _of_host(self, expr: tree.Expr) -> Any:
        known = known_value(expr.type)
        if known is not None:
            if isinstance(expr.type, UserFunctionType):
                raise NotDifferentiable(expr.span, f"`{expr.type.name}`", "a function of single elements is not differentiated")
            return known.value
        match expr:
            case tree.Constant(value=value):
                return value
            case tree.Name(name=text) | tree.HostValue(text=text) | tree.Captured(path=text):
                if isinstance(expr.type, TensorType):
                    return _Tensor(text, expr.type)
                if isinstance(expr.type, NumberType):
                    return self._leaf(text, None, expr.type, expr.span)
                if isinstance(expr.type, SequenceType) and isinstance(expr, tree.Name):
                    items = enumerate(expr.type.items)
                    return tuple(self._of_host(tree.HostValue(item, expr.span, expr.type.path(text, i))) for i, item in items)
            case _:
                pass
        raise NotDifferentiable(expr.span, str(expr.type), "it is no tensor, number or size")

    def _call(self, expr: tree.Call, wish: str) -> Any:
        op = OPS.find(expr.target)
        if op is not None and op.accesses == "load":
            return self._load(expr, wish)
        if op is not None and op.accesses is not None:
            raise NotDifferentiable(expr.span, f"`{op.name}`", "what it finds in memory depends on other programs")
        args = tuple(self.value(arg) for arg in expr.args)
        kwargs = {name: self.value(value) for name, value in expr.kwargs}
        return self._result(expr.target, args, kwargs, expr, wish)

    def _result(self, target: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], expr: tree.Expr, wish: str) -> Any:
        if any(is_active(value) for value in (*args, *kwargs.values())):
            return Computed(target, args, kwargs, expr.type, expr.span)
        op = OPS.find(target)
        if (op is not None and op.draws) or getattr(target, "__name__", "") in _OF_A_GENERATOR:
            raise NotDifferentiable(expr.span, f"`{getattr(target, '__name__', target)}`", AT_RANDOM)
        texts = [self._text(arg, expr.span) for arg in args]
        options = {name: self._text(value, expr.span) for name, value in kwargs.items()}
        text = call_text(target, texts, options).text
        uses = tuple(leaf.position for value in (*args, *kwargs.values()) for leaf in leaves_of(value))
        if isinstance(expr.type, SequenceType):
            whole = self._leaf(wish, text, expr.type, expr.span, uses)
            named = enumerate(expr.type.items)
            return tuple(self._leaf(wish, f"{whole.name}[{i}]", item, expr.span, (whole.position,)) for i, item in named)
        return self._leaf(wish, text, expr.type, expr.span, uses)

    def _load(self, expr: tree.Call, wish: str) -> Leaf:
        tensor, index, mask, _ = self._arguments(expr, "tensor", "index", "extra_mask", "eviction_policy")
        if any(is_active(value) for value in (index, mask)):
            raise NotDifferentiable(expr.span, "this load", "where it reads depends on what is differentiated")
        place = self._place(tensor, index, mask, expr.span)
        uses = tuple(leaf.position for value in (index, mask) for leaf in leaves_of(value))
        if place.tensor not in self.differentiable:
            return self._leaf(wish, place.load, expr.type, expr.span, uses, place.tensor)
        is_whole, covers = self._coverage(tensor, index)
        return self._leaf(wish, place.load, expr.type, expr.span, uses, place.tensor, place, is_whole, covers)

    def _coverage(self, tensor: _Tensor, index: Any) -> tuple[bool, bool]:
        items = _items(index)
        positions = {leaf.position for leaf in self.leaves if leaf.text is None}
        walked = [item.axis.index for item in items if isinstance(item, Tile)]
        walked += [self._grid_axis(item) for item in items if isinstance(item, Leaf) and item.position in positions]
        is_whole = sorted(walked) == sorted(axis.index for axis in self.loop.axes)
        lengths = tuple(item.axis.end if isinstance(item, Tile) and item.axis.begin == 0 else None for item in items)
        full = all(item == slice(None) or end == size for item, end, size in zip(items, lengths, tensor.type.dims, strict=False))
        return is_whole, is_whole and full

    def _grid_axis(self, leaf: Leaf) -> int:
        """The axis of `hl.grid` whose index a leaf is; -1 for other numbers."""
        targets = [binding.name for binding in self.loop.targets]
        return self.loop.axes[targets.index(leaf.name)].index if leaf.name in targets else -1

    def _leaf(
        self,
        wish: str,
        text: str | None,
        type_: Type,
        span: Span,
        uses: tuple[int, ...] = (),
        loads: str | None = None,
        source: Place | None = None,
        is_whole: bool = False,
        covers: bool = False,
    ) -> Leaf:
        key = wish if text is None else text
        if key not in self.by_text:
            name = wish if text is None else self.fresh.fresh(wish if loads is None else f"{loads}_tile")
            leaf = Leaf(len(self.leaves), name, text, type_, span, uses, loads, source, is_whole, covers)
            self.leaves.append(leaf)
            self.by_text[key] = leaf
        return self.by_text[key]

    def _text(self, value: Any, span: Span) -> Text:
        match value:
            case Leaf(name=name):
                return Text(name)
            case Tile(name=name) | _Tensor(name=name):
                return Text(name)
            case slice():
                return Text("slice(None)")
            case Dim():
                return size_text(self.kernel, self.loop, value, span)
            case _ if is_sequence(value):
                return Text(f"[{', '.join(self._text(item, span).text for item in value)}]")
            case _:
                return constant_text(value)


def _item(sequence: Any, index: int) -> Any:
    return sequence[index]


def _items(index: Any) -> tuple[Any, ...]:
    """The parts of an index, one a dimension; a tuple of tiles is one for each."""
    return tuple(item for part in index for item in _items(part)) if is_sequence(index) else (index,)


def _stored_shape(tensor: _Tensor, index: Any, span: Span) -> tuple[Dim, ...]:
    """The dims of what a store writes."""
    items = _items(index)
    shape: list[Dim] = []
    for item, size in zip(items, tensor.type.dims, strict=False):
        match item:
            case Tile(axis=axis):
                assert axis.block is not None
                shape.append(axis.block.symbol)
            case slice():
                shape.append(size)
            case int() | Dim() | Leaf(type=NumberType()):
                pass
            case _:
                raise NotDifferentiable(span, "a store to computed places", "tiles, `:` and numbers are differentiated")
    return (*shape, *tensor.type.dims[len(items) :])
