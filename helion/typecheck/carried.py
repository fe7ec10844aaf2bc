"""A device loop's body in, its statements and what it carries from round to round out. A number that a round makes a tensor of is one from
the start: the body is checked again with it; what a loop assigns first holds zeros where it never runs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from helion.diagnostics.catalog.loops import LoopCarriedTypeChange
from helion.syntax.names import assigned_names
from helion.typecheck.attempts import mark, undo
from helion.typecheck.checker import Checker
from helion.typecheck.host_containers import device_lists
from helion.typecheck.lifted_numbers import as_lifted, filled, lifted, on_device
from helion.typecheck.scope import Variable
from helion.typed_kernel import tree
from helion.types.dims import Dim, dim
from helion.types.join import join
from helion.types.types import Axis, NumberType, Region, TensorType, UnknownType

T = TypeVar("T")


@contextmanager
def block_of(checker: Checker) -> Generator[list[tree.Stmt]]:
    """A new list of statements for an inner block."""
    outer, checker.statements = checker.statements, []
    yield checker.statements
    checker.statements = outer


def check_rounds(
    checker: Checker, body: list[ast.stmt], check_round: Callable[[], T]
) -> tuple[T, tuple[tree.Stmt, ...], tuple[tree.Binding, ...]]:
    """What `check_round` gives, which checks the whole of a loop for one round, with the statements of the body and what is carried."""
    start = mark(checker)
    tensors: dict[str, TensorType] = {}
    while True:
        for name, type_ in tensors.items():
            _begin_as_tensor(checker, name, type_)
        axes = len(checker.axes)
        with carrying(checker, body) as carried, block_of(checker) as statements:
            result = check_round()
            found = _numbers_made_tensors(checker, carried, checker.axes[axes:])
        if found.keys() <= tensors.keys():
            all_statements, bindings = _finished(checker, carried, statements)
            return result, all_statements, bindings
        tensors.update(found)
        undo(checker, start)


def _begin_as_tensor(checker: Checker, name: str, type_: TensorType) -> None:
    variable = checker.scope.variables[name]
    read = tree.Name(variable.type, variable.span, variable.name, variable.region)
    checker.statements.append(as_lifted(checker, variable, read, type_))
    checker.scope.variables[name] = Variable(variable.name, type_, Region.DEVICE, variable.span)


def _numbers_made_tensors(checker: Checker, carried: Mapping[str, Variable], axes: list[Axis]) -> dict[str, TensorType]:
    """The carried numbers that are tensors after a round, where that is what they may be before it: of no tile of the loop itself."""
    inner = {axis.block.symbol for axis in axes if axis.block is not None}
    found: dict[str, TensorType] = {}
    for name, before in carried.items():
        after = lifted(before.type, checker.scope.variables[name].type)
        if after is not None and not any(isinstance(size, Dim) and size.free_symbols & inner for size in after.shape):
            found[name] = after
    return found


@contextmanager
def carrying(checker: Checker, body: list[ast.stmt]) -> Generator[dict[str, Variable]]:
    """While a loop's body is checked: the names it rebinds that exist before it. Numbers among them lose their value."""
    carried: dict[str, Variable] = {}
    for name in dict.fromkeys((*assigned_names(body), *device_lists(checker, body))):
        found = checker.scope.get(name)
        if found is not None and found.region is Region.DEVICE:
            carried[name] = found
            checker.scope.variables[name] = Variable(found.name, on_device(found.type), Region.DEVICE, found.span)
    before, axes, outer = set(checker.scope.variables), len(checker.axes), checker.statements
    yield carried
    for name in sorted(set(checker.scope.variables) - before):
        variable = checker.scope.variables.pop(name)
        initial = _before_first_round(checker, variable, checker.axes[axes:]) if name in checker.read_later else None
        if initial is not None:
            type_ = on_device(variable.type)
            outer.append(tree.Assign(variable.span, tree.Binding(variable.name, type_, variable.span, Region.DEVICE), initial))
            checker.scope.variables[name] = carried[name] = Variable(variable.name, type_, Region.DEVICE, variable.span)


def _before_first_round(checker: Checker, variable: Variable, axes: list[Axis]) -> tree.Expr | None:
    """What a name that a loop assigns first holds if the loop never runs: zeros. None when its value has no meaning after the loop; of what
    is not known it may have one."""
    type_, span = variable.type, variable.span
    if isinstance(type_, UnknownType):
        return tree.Poison(type_, span)
    if isinstance(type_, NumberType) and variable.region is Region.DEVICE:
        zero = type_.kind(0)
        return tree.Constant(NumberType(type_.kind, dim(0) if type_.kind is int else zero), span, zero)
    inner = {axis.block.symbol for axis in axes if axis.block is not None}
    if not isinstance(type_, TensorType) or type_.region is Region.HOST:
        return None
    if any(isinstance(size, Dim) and size.free_symbols & inner for size in type_.shape):
        return None
    return filled(checker, type_, tree.Constant(NumberType(int, dim(0)), span, 0), span)


def _finished(
    checker: Checker, carried: Mapping[str, Variable], statements: list[tree.Stmt]
) -> tuple[tuple[tree.Stmt, ...], tuple[tree.Binding, ...]]:
    """The body and what the loop carries, after checking that an iteration keeps each type; a number that takes a tensor's place is made
    one."""
    body, bindings = list(statements), list[tree.Binding]()
    for name, before in carried.items():
        after = checker.scope.variables[name]
        type_ = join(before.type, after.type, checker.facts)
        if type_ is None and (tensor := lifted(after.type, before.type)) is not None:
            read = tree.Name(after.type, after.span, after.name, after.region)
            body.append(as_lifted(checker, after, read, tensor))
            type_ = tensor
        if type_ is None:
            checker.report(LoopCarriedTypeChange(after.span, name, str(before.type), str(after.type), before.span))
            type_ = UnknownType("its type changes in the loop")
        type_ = on_device(type_)
        checker.scope.variables[name] = Variable(before.name, type_, Region.DEVICE, before.span)
        bindings.append(tree.Binding(before.name, type_, before.span, Region.DEVICE))
    return tuple(body), tuple(bindings)
