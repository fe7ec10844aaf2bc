"""Calls: ops of the language by their rules, torch by asking it, Python builtins on what is known, helpers by checking their body."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import sympy
import torch

from helion.diagnostics.catalog.loops import LoopFunctionNotInFor, MisplacedBarrier
from helion.diagnostics.catalog.names import DeviceApiOnHost, HostApiOnDevice
from helion.diagnostics.catalog.python import CallMismatch, NestedKernelCall, NotAllowedOnDevice, UnknownAttribute, UpdateInPlace
from helion.ops.operation import Op
from helion.ops.table import OPS
from helion.source import Span
from helion.typecheck.builtin_functions import check_builtin
from helion.typecheck.checker import Checker
from helion.typecheck.dict_methods import check_dict_method
from helion.typecheck.fragments import check_fragment
from helion.typecheck.host_queries import promised_result
from helion.typecheck.inlining import call_user_function
from helion.typecheck.named_functions import name_function
from helion.typecheck.number_functions import method_of_number, number_result
from helion.typecheck.operators import constant_of, require_64_bits, require_value
from helion.typecheck.pure_torch import is_of_torch, is_pure_torch
from helion.typecheck.rule_signatures import parameter_names, signature_of
from helion.typecheck.sequences import check_sequence_function, spread
from helion.typecheck.subscripts import form_of
from helion.typecheck.traced_functions import trace_arguments
from helion.typed_kernel import tree
from helion.types import operators as operator
from helion.types.dims import constant, dim
from helion.types.sources import CALL, LAYOUT, unknown_size
from helion.types.types import (
    ConstantType,
    DictType,
    DtypeType,
    FunctionType,
    KernelType,
    MethodType,
    NumberType,
    OpaqueType,
    Region,
    SequenceType,
    StackTensorType,
    Star,
    StarSequenceType,
    TensorType,
    Type,
    UnknownType,
    UserFunctionType,
)

CheckExpression = Callable[[Checker, ast.expr], tree.Expr]
_TORCH_OPERATORS: Mapping[Any, operator.Operator] = {
    torch.add: operator.add,
    torch.sub: operator.sub,
    torch.mul: operator.mul,
    torch.div: operator.truediv,
}
_BUILTINS_OF_TENSORS: Mapping[Any, Any] = MappingProxyType({builtins.abs: torch.abs, builtins.pow: operator.pow})
_EXTREMES: Mapping[Any, tuple[Any, str]] = MappingProxyType({builtins.min: (torch.minimum, "max"), builtins.max: (torch.maximum, "min")})

_FACTORIES = MappingProxyType({f"new_{f.__name__}": f for f in (torch.empty, torch.full, torch.ones, torch.zeros)})


def check_call(checker: Checker, node: ast.Call, check: CheckExpression) -> tree.Expr:
    """The typed form of a call."""
    span = checker.span_of(node)
    callee = check(checker, node.func)
    args = _arguments(checker, node, check)
    kwargs = {k.arg: check(checker, k.value) for k in node.keywords if k.arg is not None}
    return _call(checker, callee, args, kwargs, span, check)


def _call(
    checker: Checker,
    callee: tree.Expr,
    args: tuple[tree.Expr, ...],
    kwargs: dict[str, tree.Expr],
    span: Span,
    check: CheckExpression,
) -> tree.Expr:
    match callee.type:
        case KernelType(name=name):
            checker.report(NestedKernelCall(span, name))
            return tree.Poison(UnknownType("a kernel"), span, (callee, *args, *kwargs.values()))
        case UserFunctionType():
            return call_user_function(checker, callee.type, args, kwargs, span, check)
        case FunctionType(function=function):
            op = OPS.find(function)
            if op is not None and op.traces is not None:
                args, kwargs = trace_arguments(checker, op, args, kwargs, span, lambda f, given: _call(checker, f, given, {}, span, check))
            if op is not None and op.names_function is not None:
                args, kwargs = name_function(checker, op, args, kwargs)
            return call_function(checker, function, args, kwargs, span, callee)
        case MethodType(owner=TensorType(), name=name):
            assert isinstance(callee, tree.HostValue)
            return _method_call(checker, callee.parts[0], name, args, kwargs, span)
        case MethodType(owner=NumberType() as number, name=name) if (method := method_of_number(number, name)) is not None:
            assert isinstance(callee, tree.HostValue)
            return _number_method_call(checker, callee.parts[0], method, args, kwargs, span)
        case MethodType(owner=DictType(), name=name) if not kwargs:
            assert isinstance(callee, tree.HostValue)
            return check_dict_method(checker, callee.parts[0], name, args, span)
        case _:
            parts = (callee, *args, *kwargs.values())
            return tree.HostValue(UnknownType("a call of something unknown"), span, checker.file.text_of(span), parts)


def _arguments(checker: Checker, node: ast.Call, check: CheckExpression) -> tuple[tree.Expr, ...]:
    return tuple(item for argument in node.args for item in spread(checker, argument, check))


def call_function(
    checker: Checker, function: Any, args: tuple[tree.Expr, ...], kwargs: dict[str, tree.Expr], span: Span, callee: tree.Expr
) -> tree.Expr:
    """A call of a torch function, an op's stub or a Python builtin."""
    op = OPS.find(function)
    parts = (callee, *args, *kwargs.values())
    if op is not None and (op.infer is not None or op.iterates is not None):
        return _op_call(checker, op, args, kwargs, span)
    known = (
        check_sequence_function(checker, function, args, span)
        or check_builtin(checker, function, args, kwargs, span)
        or check_fragment(checker, function, args, kwargs, span)
    )
    if known is not None:
        return known
    if function in _EXTREMES and len(args) >= 2 and not kwargs and _are_device_scalars(checker, args):
        return _extreme(checker, function, args, span, callee)
    if function in _TORCH_OPERATORS and len(args) == 2 and not kwargs:
        from_operator = _TORCH_OPERATORS[function]
        if any(isinstance(a.type, TensorType) for a in args):
            return _torch_call(checker, from_operator, args, kwargs, span, callee)
    if function in _BUILTINS_OF_TENSORS and args and isinstance(args[0].type, TensorType):
        return _torch_call(checker, _BUILTINS_OF_TENSORS[function], args, kwargs, span, callee)
    if is_pure_torch(function):
        return _torch_call(checker, function, args, kwargs, span, callee)
    if checker.region is Region.DEVICE and is_of_torch(function):
        checker.report(NotAllowedOnDevice(span, f"`{checker.file.text_of(callee.span)}`"))
        return tree.Poison(UnknownType("not allowed"), span, parts)
    promised = promised_result(function) if checker.region is Region.HOST else None
    return tree.HostValue(promised or UnknownType("not followed"), span, checker.file.text_of(span), parts)


def _are_device_scalars(checker: Checker, args: tuple[tree.Expr, ...]) -> bool:
    """Whether the arguments are 0-d values of the device, of which there is one at least, and numbers."""
    tensors = [a.type for a in args if isinstance(a.type, TensorType)]
    rest = [a.type for a in args if not isinstance(a.type, TensorType)]
    is_on_device = checker.region is Region.DEVICE and bool(tensors)
    return is_on_device and all(t.rank == 0 for t in tensors) and all(isinstance(t, NumberType) for t in rest)


def _extreme(checker: Checker, function: Any, args: tuple[tree.Expr, ...], span: Span, callee: tree.Expr) -> tree.Expr:
    """Python's `min` or `max` of numbers that a kernel reads from memory, in torch's words."""
    of_tensors, bound = _EXTREMES[function]
    tensors = [a for a in args if isinstance(a.type, TensorType)]
    found = tensors[0]
    for other in tensors[1:]:
        found = _torch_call(checker, of_tensors, (found, other), {}, span, callee)
    for number in (a for a in args if not isinstance(a.type, TensorType)):
        found = _torch_call(checker, torch.clamp, (found,), {bound: number}, span, callee)
    return found


# -- ops ------------------------------------------------------------------------------------------------------------


def _op_call(checker: Checker, op: Op, args: tuple[tree.Expr, ...], kwargs: dict[str, tree.Expr], span: Span) -> tree.Expr:
    op = form_of(op, args)
    parts = (*args, *kwargs.values())
    if op.iterates is not None:
        checker.report(LoopFunctionNotInFor(span, op.name))
        return tree.Poison(UnknownType("only in a for"), span, parts)
    if op.separates_loops:
        checker.report(MisplacedBarrier(span, op.name))
        return tree.Poison(UnknownType("only between loops"), span, parts)
    if op.region is Region.DEVICE and checker.region is Region.HOST:
        checker.report(DeviceApiOnHost(span, op.name))
        return tree.Poison(UnknownType("device only"), span, parts)
    if op.region is Region.HOST and checker.region is Region.DEVICE:
        checker.report(HostApiOnDevice(span, op.name))
        return tree.Poison(UnknownType("host only"), span, parts)
    if not op.takes_host_tensors and not all([require_value(checker, part) for part in parts]):
        return tree.Poison(UnknownType("a host tensor"), span, parts)
    assert op.infer is not None
    spans = bind_spans(checker, op.infer, op.name, args, kwargs, span)
    if spans is None:
        return tree.Poison(UnknownType("wrong arguments"), span, parts)
    with checker.calling(span, spans):
        type_ = op.infer(checker, *(a.type for a in args), **{name: value.type for name, value in kwargs.items()})
    if isinstance(type_, StackTensorType):
        bound = signature_of(op.infer).bind(None, *args, **kwargs).arguments
        return tree.Sequence(type_, span, tuple(value for value in bound.values() if isinstance(value, tree.Expr)))
    return tree.Call(type_, span, op.function, args, tuple(kwargs.items()))


def bind_spans(
    checker: Checker, rule: Callable[..., Any], name: str, args: tuple[tree.Expr, ...], kwargs: dict[str, tree.Expr], span: Span
) -> dict[str, Span] | None:
    """Where each argument stands, by the rule's parameter; None (reported) when they do not fit its signature."""
    signature = signature_of(rule)
    try:
        bound = signature.bind(None, *(a.span for a in args), **{k: v.span for k, v in kwargs.items()})
    except TypeError as problem:
        checker.report(CallMismatch(span, name, str(problem)))
        return None
    names = parameter_names(rule)
    return {k: v for k, v in bound.arguments.items() if k in names and isinstance(v, Span)}


# -- torch ----------------------------------------------------------------------------------------------------------


def _torch_call(
    checker: Checker, function: Any, args: tuple[tree.Expr, ...], kwargs: dict[str, tree.Expr], span: Span, callee: tree.Expr
) -> tree.Expr:
    parts = (*args, *kwargs.values())
    if not all([require_value(checker, part) and require_64_bits(checker, part) for part in parts]):
        return tree.Poison(UnknownType("a host tensor"), span, parts)
    if function is torch.device:
        return tree.HostValue(OpaqueType(torch.device), span, checker.file.text_of(span), parts)
    if any(isinstance(part.type, UnknownType) for part in parts):
        type_: Type = UnknownType("an argument is unknown")
    elif any(isinstance(p.type, DtypeType) and p.type.dtype is None for p in parts):
        type_ = _with_unknown_dtype(checker, function, args, kwargs, span)
    else:
        with checker.calling(span, {}):
            type_ = checker.torch_type(function, tuple(a.type for a in args), {k: v.type for k, v in kwargs.items()})
    return _result(checker, type_, function, args, kwargs, span, parts)


def _with_unknown_dtype(checker: Checker, function: Any, args: tuple[tree.Expr, ...], kwargs: dict[str, tree.Expr], span: Span) -> Type:
    """The call with some dtype in place of the unknown one, and the dtype left out of the answer."""

    def known(type_: Type) -> Type:
        return DtypeType(torch.float32) if isinstance(type_, DtypeType) and type_.dtype is None else type_

    with checker.calling(span, {}):
        type_ = checker.torch_type(function, tuple(known(a.type) for a in args), {k: known(v.type) for k, v in kwargs.items()})
    if isinstance(type_, TensorType):
        return replace(type_, dtype=None)
    return DtypeType(None) if isinstance(type_, DtypeType) else type_


def _result(
    checker: Checker,
    type_: Type,
    function: Any,
    args: tuple[tree.Expr, ...],
    kwargs: dict[str, tree.Expr],
    span: Span,
    parts: tuple[tree.Expr, ...],
) -> tree.Expr:
    if checker.region is Region.HOST:
        return tree.HostValue(type_, span, checker.file.text_of(span), parts)
    if isinstance(type_, DtypeType | ConstantType | OpaqueType):
        return tree.Constant(type_, span)
    return tree.Call(type_, span, function, args, tuple(kwargs.items()))


# -- methods --------------------------------------------------------------------------------------------------------


def check_method_value(checker: Checker, owner: tree.Expr, name: str, span: Span) -> tree.Expr:
    """An attribute of a tensor: a fact about it, or a method not yet called."""
    tensor = owner.type
    assert isinstance(tensor, TensorType)
    text = checker.file.text_of(span)
    match name:
        case "shape":
            return tree.HostValue(sizes_of(tensor), span, text, (owner,))
        case "dtype":
            return tree.HostValue(DtypeType(tensor.dtype), span, text, (owner,))
        case "device":
            return tree.HostValue(OpaqueType(torch.device), span, text, (owner,))
        case "ndim":
            return tree.HostValue(_rank(tensor), span, text, (owner,))
        case "T" | "mT" | "H":
            transpose = torch.t if name == "T" else torch.adjoint
            return _torch_call(checker, transpose, (owner,), {}, span, owner)
        case _ if hasattr(torch.Tensor, name):
            return tree.HostValue(MethodType(tensor, name), span, text, (owner,))
        case _:
            checker.report(UnknownAttribute(span, "a tensor", name, None))
            return tree.Poison(UnknownType("no such attribute"), span, (owner,))


def _rank(tensor: TensorType) -> Type:
    return NumberType(int, told_by=frozenset((CALL,))) if tensor.rank is None else NumberType(int, dim(tensor.rank))


def sizes_of(tensor: TensorType) -> Type:
    """The type of `x.shape`."""
    if tensor.rank is None:
        star = next(d for d in tensor.shape if isinstance(d, Star))
        return StarSequenceType(star, unknown_size(tensor))
    return SequenceType(tuple(NumberType(int, d) for d in tensor.dims))


def _method_call(
    checker: Checker, owner: tree.Expr, name: str, args: tuple[tree.Expr, ...], kwargs: dict[str, tree.Expr], span: Span
) -> tree.Expr:
    tensor = owner.type
    assert isinstance(tensor, TensorType)
    fact = _size_query(tensor, name, tuple(a.type for a in (*args, *kwargs.values())))
    parts = (owner, *args, *kwargs.values())
    if fact is not None:
        return tree.HostValue(fact, span, checker.file.text_of(span), parts)
    if name in ("item", "tolist", "cpu", "numpy") and checker.region is Region.DEVICE:
        checker.report(NotAllowedOnDevice(span, f"`.{name}()`"))
        return tree.Poison(UnknownType("not on the device"), span, parts)
    if name == "item":
        return tree.HostValue(_item_type(tensor), span, checker.file.text_of(span), parts)
    if checker.region is Region.DEVICE and tensor.region is Region.DEVICE and (plain := _out_of_place(name)) is not None:
        _report_update(checker, owner, name, plain, span)
        return tree.Poison(UnknownType("an update in place"), span, parts)
    if name in _FACTORIES and checker.region is Region.DEVICE and tensor.region is Region.HOST:
        # Of a tensor in memory, only the dtype matters.
        told = {key: value for key, value in kwargs.items() if value.type != ConstantType(None)}
        as_told = {"dtype": tree.Constant(DtypeType(tensor.dtype), owner.span), **told}
        return call_function(checker, _FACTORIES[name], args, as_told, span, owner)
    op = OPS.find_method(name)
    if op is not None and op.infer is not None:
        return _op_call(checker, op, (owner, *args), kwargs, span)
    return _torch_call(checker, getattr(torch.Tensor, name), (owner, *args), kwargs, span, owner)


def _number_method_call(
    checker: Checker, owner: tree.Expr, method: Any, args: tuple[tree.Expr, ...], kwargs: dict[str, tree.Expr], span: Span
) -> tree.Expr:
    parts = (owner, *args, *kwargs.values())
    types = {name: value.type for name, value in kwargs.items()}
    type_ = number_result(checker, method, (owner.type, *(a.type for a in args)), types) or UnknownType("not followed")
    if checker.region is Region.DEVICE and constant_of(type_) is not None:
        return tree.Constant(type_, span)
    return tree.HostValue(type_, span, checker.file.text_of(span), parts)


def _out_of_place(name: str) -> str | None:
    """The method that gives what another writes in place; None for what writes nothing."""
    plain = name.removesuffix("_")
    return plain if plain != name and not name.endswith("__") and hasattr(torch.Tensor, plain) else None


def _report_update(checker: Checker, owner: tree.Expr, name: str, plain: str, span: Span) -> None:
    """A call that is a statement of its own can be written as an assignment; one within an expression is another computation then."""
    text, whole = checker.file.text_of(owner.span), checker.file.text_of(span)
    before = checker.file.text[: span.start].rpartition("\n")[2]
    is_statement = isinstance(owner, tree.Name) and not before.strip() and whole.startswith(f"{text}.{name}(")
    replacement = f"{text} = {text}.{plain}{whole[len(text) + 1 + len(name) :]}" if is_statement else None
    checker.report(UpdateInPlace(span, text, name, replacement))


def _item_type(tensor: TensorType) -> Type:
    if tensor.dtype is None:
        return UnknownType("the dtype is not known")
    return NumberType(float if tensor.dtype.is_floating_point else bool if tensor.dtype == torch.bool else int)


def _size_query(tensor: TensorType, name: str, args: tuple[Type, ...]) -> Type | None:
    """`x.size()`, `x.size(i)`, `x.dim()`, `x.numel()`, `x.stride(i)`; None for any other method."""
    position = constant(args[0].as_dim) if args and isinstance(args[0], NumberType) else None
    match name:
        case "size" if not args:
            return sizes_of(tensor)
        case "size":
            if position is None or tensor.rank is None or not -tensor.rank <= position < tensor.rank:
                return unknown_size(tensor) if tensor.rank is None else UnknownType("no such dimension")
            return NumberType(int, tensor.dims[position])
        case "dim" | "ndimension":
            return _rank(tensor)
        case "numel" | "nelement":
            return unknown_size(tensor) if tensor.rank is None else NumberType(int, sympy.Mul(*tensor.dims))
        case "stride" if position is not None and tensor.stride is not None and tensor.rank is not None:
            return NumberType(int, tensor.stride[position]) if -tensor.rank <= position < tensor.rank else None
        case "stride" if args:
            return NumberType(int, told_by=frozenset((LAYOUT,)))
        case "stride" if tensor.rank is not None:
            strides = tensor.stride or (None,) * tensor.rank
            return SequenceType(tuple(NumberType(int, stride, told_by=frozenset((LAYOUT,))) for stride in strides))
        case "stride" | "data_ptr" | "storage_offset":
            return UnknownType("the strides are not known") if name == "stride" else NumberType(int)
        case "element_size" if tensor.dtype is None:
            return NumberType(int, told_by=frozenset((CALL,)))
        case "is_contiguous" | "is_floating_point":
            return NumberType(bool)
        case _:
            return None
