"""`for` over tiles and grids: the op's `iterates` rule makes the axes, the targets get their types."""

from __future__ import annotations

import ast
from dataclasses import dataclass

import torch

from helion.diagnostics.catalog.python import CallMismatch
from helion.diagnostics.catalog.tiles import FailedToUnpackTile
from helion.ops.operation import Op
from helion.source import Span
from helion.typecheck.calls import bind_spans
from helion.typecheck.checker import Checker
from helion.typecheck.expressions import check_expression
from helion.typecheck.rule_signatures import signature_of
from helion.typed_kernel import tree
from helion.types.dims import dim
from helion.types.types import (
    Axis,
    ConstantType,
    NumberType,
    Region,
    SequenceType,
    StarSequenceType,
    TensorType,
    TileType,
    Type,
    UnknownType,
)


@dataclass(frozen=True)
class OpenLoop:
    """A loop whose body is being checked."""

    span: Span
    axes: tuple[Axis, ...]
    begins: tuple[tree.Expr | None, ...]
    ends: tuple[tree.Expr, ...]
    steps: tuple[tree.Expr | None, ...]
    targets: tuple[tree.Binding, ...]
    is_grid: bool
    lane_ends: tuple[tree.Expr | None, ...] = ()

    def finished(self, body: tuple[tree.Stmt, ...], carried: tuple[tree.Binding, ...]) -> tree.Loop:
        bounds = self.begins, self.ends, self.steps
        return tree.Loop(self.span, self.axes, *bounds, self.targets, body, carried, self.is_grid, self.lane_ends)


def check_device_loop(checker: Checker, op: Op, node: ast.For, *, is_grid: bool) -> OpenLoop | None:
    """Open a loop: its axes exist and its targets are bound. None when its bounds are wrong; the body can still be checked."""
    assert isinstance(node.iter, ast.Call) and op.iterates is not None
    args = tuple(check_expression(checker, a) for a in node.iter.args)
    kwargs = {k.arg: check_expression(checker, k.value) for k in node.iter.keywords if k.arg is not None}
    call_span = checker.span_of(node.iter)
    names = _target_names(node.target)
    if isinstance(node.target, ast.Tuple) and len(args) == 2 and not isinstance(args[1].type, SequenceType):
        arguments = Span(args[0].span.start, args[-1].span.end)
        checker.report(FailedToUnpackTile(call_span, len(names), arguments, checker.file.text_of(arguments)))
        _bind_unknown(checker, node.target)
        return None
    try:
        bound = signature_of(op.function).bind(*args, **kwargs)
    except TypeError as problem:
        checker.report(CallMismatch(call_span, op.name, str(problem)))
        _bind_unknown(checker, node.target)
        return None
    args, kwargs = bound.args, bound.kwargs
    spans = bind_spans(checker, op.iterates, op.name, args, kwargs, call_span)
    if spans is None:
        _bind_unknown(checker, node.target)
        return None
    first_axis = len(checker.axes)
    checker.loop_targets[:] = _axis_names(node.target, args)
    with checker.calling(call_span, spans):
        types = {name: value.type for name, value in kwargs.items()}
        type_ = op.iterates(checker, *(a.type for a in args), **types)
    checker.loop_targets.clear()
    checker.note(call_span, tree.Constant(type_, call_span))
    axes = tuple(checker.axes[first_axis:])
    targets = _bind_targets(checker, node.target, type_)
    if targets is None:
        return None
    head = Span(checker.span_of(node).start, call_span.end)
    if axes and axes[0].lanes:
        end = _largest(checker, args[0])
        return OpenLoop(head, axes, (None,), (end,), (None,), targets, is_grid, (args[0],))
    begins, ends, steps = _bounds(args, kwargs, len(axes))
    return OpenLoop(head, axes, begins, ends, steps, targets, is_grid)


def _largest(checker: Checker, value: tree.Expr) -> tree.Expr:
    """The largest element of a device value, as an end: one reduction a dimension."""
    while isinstance(value.type, TensorType) and value.type.dims:
        last = tree.Constant(NumberType(int, dim(-1)), value.span, -1)
        type_ = checker.torch_type(torch.amax, (value.type, last.type), {})
        value = tree.Call(type_, value.span, torch.amax, (value, last))
    return value


def _target_names(target: ast.expr) -> list[str]:
    return [n.id for n in ast.walk(target) if isinstance(n, ast.Name)]


def _axis_names(target: ast.expr, args: tuple[tree.Expr, ...]) -> list[str]:
    """What the axes are called: the loop targets, numbered when one name takes several."""
    names = [n.id for n in target.elts if isinstance(n, ast.Name)] if isinstance(target, ast.Tuple) else _target_names(target)
    last = args[-1].type if args else None
    count = len(last.items) if isinstance(last, SequenceType) else 1
    if len(names) == 1 and count > 1:
        return [f"{names[0]}_{i}" for i in range(count)]
    return names


def _bind_unknown(checker: Checker, target: ast.expr) -> None:
    for name in ast.walk(target):
        if isinstance(name, ast.Name):
            checker.scope.bind(name.id, UnknownType("the loop is wrong"), Region.DEVICE, checker.span_of(name))


def _bind_targets(checker: Checker, target: ast.expr, type_: Type) -> tuple[tree.Binding, ...] | None:
    if isinstance(target, ast.Name):
        return (_bind(checker, target, type_),)
    checker.note(checker.span_of(target), tree.Constant(type_, checker.span_of(target)))
    if isinstance(target, ast.Tuple) and isinstance(type_, SequenceType) and len(type_.items) == len(target.elts):
        inner = [_bind_targets(checker, t, item) for t, item in zip(target.elts, type_.items, strict=True)]
        return tuple(b for part in inner for b in part or ())
    if isinstance(target, ast.Tuple) and isinstance(type_, StarSequenceType):
        for element in target.elts:
            _bind_targets(checker, element, type_.item)
        return ()
    if isinstance(type_, TileType | NumberType | SequenceType):
        tiles = len(type_.items) if isinstance(type_, SequenceType) else 1
        checker.report(FailedToUnpackTile(checker.span_of(target), len(_target_names(target)), tiles=tiles))
    _bind_unknown(checker, target)
    return None


def _bind(checker: Checker, target: ast.Name, type_: Type) -> tree.Binding:
    span = checker.span_of(target)
    variable = checker.scope.bind(target.id, type_, Region.DEVICE, span)
    binding = tree.Binding(variable.name, type_, span, Region.DEVICE)
    checker.bindings.append(binding)
    if not checker.scope.prefix:
        checker.device_names[target.id] = span
    return binding


def _bounds(
    args: tuple[tree.Expr, ...], kwargs: dict[str, tree.Expr], count: int
) -> tuple[tuple[tree.Expr | None, ...], tuple[tree.Expr, ...], tuple[tree.Expr | None, ...]]:
    """Begin, end and step of each axis as expressions."""
    first, *others = args
    begin, end = (first, others[0]) if others and others[0].type != ConstantType(None) else (None, first)
    step = kwargs.get("step") or kwargs.get("block_size") or (args[2] if len(args) > 2 else None)
    ends = _spread(end, count)
    begins = (None,) * count if begin is None else _spread(begin, count)
    steps = (None,) * count if step is None else _spread(step, count)
    return tuple(begins), tuple(e for e in ends if e is not None), tuple(steps)


def _spread(expr: tree.Expr, count: int) -> tuple[tree.Expr | None, ...]:
    if isinstance(expr, tree.Sequence):
        return expr.items
    if isinstance(expr.type, SequenceType):
        return tuple(tree.Item(item, expr.span, expr, i) for i, item in enumerate(expr.type.items))
    return (expr,) * count
