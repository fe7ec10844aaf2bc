"""One call of the typed tree in, FX nodes out: an op of ours becomes one node, a torch call the ATen nodes it comes down to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, reduce
from typing import Any

import torch
from torch import fx
from torch.utils._pytree import tree_flatten, tree_map

from helion.device_ir.graph_builder import GraphBuilder, info_of
from helion.device_ir.ir import CAST
from helion.device_ir.late_inductor import InductorAdapter
from helion.device_ir.number_probes import NumberRef, SizeAsFloat
from helion.device_ir.structure import element
from helion.device_ir.torch_calls import AtenCall, NotLowerable, Recording, Ref, TensorInput, record_call
from helion.diagnostics.catalog.shapes import UnsupportedTorchCall
from helion.ops.scalars import SCALAR_OPERATORS
from helion.ops.table import OPS
from helion.source import Span
from helion.typed_kernel import tree
from helion.types import operators as operator
from helion.types.dims import Dim
from helion.types.types import Axis, NumberType, Region, SequenceType, TensorType, Type, UnknownType
from helion.types.untyped import is_sequence

_SCALAR_DTYPES = {int: torch.int64, float: torch.float32, bool: torch.bool}


class LoweringFailed(Exception):
    """A call that types but has no device code; or another part of a kernel (`is_call` is False) of which too little is known for any."""

    def __init__(self, span: Span, what: str, reason: str, *, is_call: bool = True) -> None:
        super().__init__(f"{what}: {reason}")
        self.diagnostic = UnsupportedTorchCall(span, what, reason, is_call)


def build_call(
    graph: GraphBuilder,
    target: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    expr: tree.Expr,
    inductor: InductorAdapter,
) -> Any:
    """The value of a call. Raises LoweringFailed when there is no device code for it."""
    op = OPS.find(target)
    if op is not None and op.emit is not None:
        if isinstance(expr.type, UnknownType):
            raise LoweringFailed(expr.span, op.name, f"its type is not known: {expr.type.because}")
        return graph.node(op.function, args, kwargs, expr.type, expr.span)
    if isinstance(expr.type, NumberType):
        return graph.node(_scalar_target(target, expr), args, kwargs, _on_device(expr.type), expr.span)
    try:
        return _torch_call(graph, target, args, kwargs, expr, inductor)
    except NotLowerable as problem:
        raise LoweringFailed(expr.span, getattr(target, "__name__", str(target)), str(problem)) from problem
    except (RuntimeError, TypeError, ValueError, IndexError) as problem:
        why = "whether its sizes fit is not known before run time; `hl.specialize` makes a size constant"
        raise LoweringFailed(expr.span, getattr(target, "__name__", str(target)), why) from problem


def _scalar_target(target: Callable[..., Any], expr: tree.Expr) -> Callable[..., Any]:
    if target not in SCALAR_OPERATORS:
        raise LoweringFailed(expr.span, getattr(target, "__name__", str(target)), "it is not defined for device scalars")
    return target


def _on_device(type_: NumberType) -> NumberType:
    return NumberType(type_.kind, None, Region.DEVICE)


def _torch_call(
    graph: GraphBuilder,
    target: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    expr: tree.Expr,
    inductor: InductorAdapter,
) -> Any:
    inputs: list[fx.Node] = []

    weak = _weak_dtypes([leaf for leaf in tree_flatten((args, kwargs))[0] if isinstance(leaf, fx.Node)])

    def abstract(value: Any) -> Any:
        if isinstance(value, fx.Node):
            if isinstance(number := info_of(value).type, NumberType) and (dtype := weak.get(number.kind)) is not None:
                value = graph.node(CAST, (value, dtype), {}, TensorType((), dtype, Region.DEVICE), expr.span)
            inputs.append(value)
            dims, dtype = _operand(info_of(value).type, expr.span)
            return TensorInput(len(inputs) - 1, dims, dtype, isinstance(info_of(value).type, NumberType))
        return value.block.symbol if isinstance(value, Axis) and value.block is not None else value

    abstract_args = tree_map(abstract, args)
    abstract_kwargs = tree_map(abstract, kwargs)
    frozen = _freeze(abstract_args), _freeze(tuple(abstract_kwargs.items()))
    recording = _record(target, *frozen, _spelled(frozen), inductor)
    return _replay(graph, recording, inputs, expr)


def _weak_dtypes(operands: list[fx.Node]) -> Mapping[type, torch.dtype]:
    """The dtypes that numbers take beside tensors of no dimension, as Python's numbers do in torch: those of the tensors. Beside a tensor
    with dimensions a number has no say in any case."""
    tensors = [type_ for type_ in (info_of(operand).type for operand in operands) if isinstance(type_, TensorType)]
    found: dict[type, torch.dtype] = {}
    for kind in (int, float):
        alike = [t for t in tensors if t.dtype is not None and t.dtype != torch.bool and t.dtype.is_floating_point is (kind is float)]
        if alike and not any(t.dims for t in alike):
            found[kind] = reduce(torch.promote_types, (t.dtype for t in alike if t.dtype is not None))
    return {kind: dtype for kind, dtype in found.items() if dtype != _SCALAR_DTYPES[kind]}


def _operand(type_: Type, span: Span) -> tuple[tuple[Dim, ...], torch.dtype]:
    if isinstance(type_, NumberType):
        return (), _SCALAR_DTYPES[type_.kind]
    if not isinstance(type_, TensorType) or type_.dtype is None:
        raise LoweringFailed(span, str(type_), "its type is not known well enough")
    return type_.dims, type_.dtype


def _freeze(value: Any) -> Any:
    return tuple(_freeze(v) for v in value) if is_sequence(value) else value


def _spelled(arguments: Any) -> tuple[str, ...]:
    """The numbers in a call as texts: 1, 1.0 and True are equal in Python, as are 0.0 and -0.0, and are other calls."""
    return tuple(repr(leaf) for leaf in tree_flatten(arguments)[0] if isinstance(leaf, int | float))


@cache
def _record(
    target: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: tuple[tuple[str, Any], ...],
    spelled: tuple[str, ...],
    inductor: InductorAdapter,
) -> Recording:
    return record_call(target, args, dict(kwargs), inductor)


def _replay(graph: GraphBuilder, recording: Recording, inputs: list[fx.Node], expr: tree.Expr) -> Any:
    values: dict[Ref, fx.Node] = {Ref(-1, position): node for position, node in enumerate(inputs)}

    def resolve(value: Any) -> Any:
        if isinstance(value, Ref):
            return values[value]
        if isinstance(value, NumberRef):
            number = inputs[value.position]
            operands = tuple(number if operand is None else operand for operand in value.operands)
            type_ = NumberType(float, None, Region.DEVICE)
            return number if value.function is None else graph.node(value.function, operands, {}, type_, expr.span)
        if isinstance(value, SizeAsFloat):
            as_float = NumberType(float, None, Region.DEVICE)
            return graph.node(operator.mul, (graph.size(value.size, expr.span), 1.0), {}, as_float, expr.span)
        if is_sequence(value):
            return [resolve(v) for v in value]
        return value

    last = len(recording.calls) - 1
    for step, call in enumerate(recording.calls):
        args, kwargs = _sizes_as_nodes(graph, call, resolve, expr.span)
        target = op.function if (op := OPS.find(call.target)) is not None else call.target
        types = tuple(TensorType(o.dims, o.dtype, Region.DEVICE) for o in call.outputs)
        if step == last and not call.is_tuple and isinstance(expr.type, TensorType) and expr.type.rank is not None:
            types = (TensorType(expr.type.shape, types[0].dtype, Region.DEVICE),)
        if not call.is_tuple:
            values[Ref(step, 0)] = graph.node(target, args, kwargs, types[0], expr.span)
            continue
        node = graph.node(target, args, kwargs, SequenceType(types), expr.span)
        for position, type_ in enumerate(types):
            values[Ref(step, position)] = graph.node(element, (node, position), {}, type_, expr.span)
    result = recording.result
    return tuple(resolve(r) for r in result) if is_sequence(result) else resolve(result)


def _sizes_as_nodes(
    graph: GraphBuilder, call: AtenCall, resolve: Callable[[Any], Any], span: Span
) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """Sizes that are operands of arithmetic become scalar nodes; sizes in lists (of views and factories) stay dims."""
    is_own = OPS.find(call.target) is not None

    def argument(value: Any) -> Any:
        if isinstance(value, Dim) and value.free_symbols and not is_own:
            return graph.size(value, span)
        return resolve(value)

    return tuple(argument(a) for a in call.args), {name: argument(v) for name, v in call.kwargs.items()}
