"""What an operation is: one frozen value that holds the stub and its named rules; and the table of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from helion.types.types import Region


@dataclass(frozen=True)
class Op:
    """One operation.

    `function` is the public stub: its signature, annotations and docstring are the API and the hover; it is also the FX call target.
    `aliases` are torch functions and `methods` tensor or tile method/attribute names that mean the same.
    `infer(ctx, **types) -> Type` gives the result's type from argument types bound to the stub's signature.
    `traces(ctx, **types)` names the arguments that are functions of one element, each with the lists of parameter types that it may be
    called with: the checker traces it with the list that fits its signature, and `infer` sees an `ElementFunctionType`.
    `names_function`: the parameter for which a string may name a function of the kernel's module; rules see the function.
    `iterates(ctx, **types) -> Type` replaces `infer` for ops legal only as the iterator of a `for`.
    `requires(minimum_dot, **types) -> Iterable[BlockLimit]` are limits on block sizes.
    `masks` says what lanes beyond the tile must hold in each tensor argument before the op, and what they hold after.
    `keeps_position`: element i of the result depends on element i of the arguments only, so the op works on a chunk of a long dim.
    `regroups`: the result has the elements of the first argument in the same order, under another shape.
    `takes_host_tensors`: a whole host tensor may be an argument in device code; other ops compute on values.
    `draws`: results depend on torch's generator, so that eager torch gives others.
    `accesses`: the op reads ("load"), writes ("store") or updates ("atomic") the host tensor that is its first argument, at the index
    that is its second: a site for configs to say something about.
    `rounds_product`: a matrix product in its operands' dtype, so that adding up its results in a loop loses digits.
    `accumulates`: a matrix product that is added to one of the arguments, in that one's dtype.
    `separates_loops`: a statement of the kernel's top level that stands between grid loops, and nowhere else.
    `needs_interpreter`: in device code, only where Python runs it.
    `stack_form_of` names the op that this one stands for where its first argument is a `StackTensor`.
    `parameter_names` are the stub's where Python cannot tell them (torch's builtins).
    `rewrite(*args, **kwargs)` is the same computation in other torch calls, for ops that need no code of their own.
    `whole(*args, **kwargs)` are the sizes that a rewrite tells elements apart along, by their places: none of them may be a tile's,
    whose length is the config's to choose.
    `emit(ctx, *args, **kwargs)` writes Triton and gives the text of the result, or a tuple of texts for several; `run(*args, **kwargs)`
    is the reference semantics in eager torch.
    """

    name: str
    function: Callable[..., Any]
    region: Region | None = None
    aliases: tuple[Callable[..., Any], ...] = ()
    methods: tuple[str, ...] = ()
    tile_attribute: str | None = None
    infer: Callable[..., Any] | None = None
    traces: Callable[..., Mapping[str, tuple[tuple[Any, ...], ...]]] | None = None
    names_function: str | None = None
    iterates: Callable[..., Any] | None = None
    requires: Callable[..., Any] | None = None
    masks: Masks | None = None
    emit: Callable[..., Any] | None = None
    rewrite: Callable[..., Any] | None = None
    whole: Callable[..., Iterable[int]] | None = None
    run: Callable[..., Any] | None = None
    has_effect: bool = False
    keeps_position: bool = False
    regroups: bool = False
    parameter_names: tuple[str, ...] = ()
    takes_host_tensors: bool = False
    draws: bool = False
    rounds_product: bool = False
    accumulates: bool = False
    needs_interpreter: bool = False
    stack_form_of: str | None = None
    accesses: str | None = None
    separates_loops: bool = False


@dataclass(frozen=True)
class Masks:
    """`inputs`: value that invalid lanes of tensor arguments must hold (None: anything), by argument name; `result`: what they hold after
    (None: anything, "propagate": as the first argument)."""

    inputs: Mapping[str, object] = field(default_factory=dict[str, object])
    result: object | None = None


@dataclass(frozen=True)
class BlockLimit:
    """What an op asks of the block size that a dim is: at least `minimum`, and at most `maximum` when given."""

    dim: Any
    minimum: int = 1
    maximum: int | None = None


@dataclass(frozen=True)
class OpTable:
    """All ops, found by stub, alias, method or tile attribute."""

    ops: tuple[Op, ...]

    @cached_property
    def _by_function(self) -> Mapping[Any, Op]:
        table: dict[Any, Op] = {}
        for op in self.ops:
            for function in (op.function, *op.aliases):
                assert function not in table, f"{function} belongs to both {table[function].name} and {op.name}"
                table[function] = op
        return table

    @cached_property
    def _by_method(self) -> Mapping[str, Op]:
        return {method: op for op in self.ops for method in op.methods}

    @cached_property
    def _by_tile_attribute(self) -> Mapping[str, Op]:
        return {op.tile_attribute: op for op in self.ops if op.tile_attribute is not None}

    def find(self, function: object) -> Op | None:
        """The op of a stub or an alias, or None for an ordinary callable."""
        try:
            return self._by_function.get(function)
        except TypeError:
            return None

    @cached_property
    def _by_stack_form(self) -> Mapping[str, Op]:
        return {op.stack_form_of: op for op in self.ops if op.stack_form_of is not None}

    def stack_form(self, op: Op) -> Op | None:
        """The op that does to a stack of tensors what this one does to a tensor."""
        return self._by_stack_form.get(op.name)

    def find_method(self, name: str) -> Op | None:
        return self._by_method.get(name)

    def find_tile_attribute(self, name: str) -> Op | None:
        return self._by_tile_attribute.get(name)

    def extended(self, ops: Iterable[Op]) -> OpTable:
        return OpTable((*self.ops, *ops))
