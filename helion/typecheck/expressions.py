"""One Python expression in, one typed expression out; dispatches on the kind of node."""

from __future__ import annotations

import ast
import builtins
import difflib
from typing import Any

import torch

from helion.diagnostics.catalog.names import DeviceVariableReadOnHost, UndefinedName
from helion.diagnostics.catalog.python import UnknownAttribute, UnsupportedStatement
from helion.ops.table import OPS
from helion.signatures.from_values import type_of_value
from helion.source import Span
from helion.syntax.parse import function_syntax
from helion.typecheck.calls import check_call, check_method_value
from helion.typecheck.checker import Checker
from helion.typecheck.host_queries import dtype_attribute, opaque_attribute
from helion.typecheck.lazy_operands import check_conditional, check_logical, check_truth
from helion.typecheck.narrowing import narrowing_of
from helion.typecheck.operators import (
    check_binary,
    check_comparison,
    check_unary,
    constant_of,
)
from helion.typecheck.scope import Variable
from helion.typecheck.sequences import check_comprehension, check_dict_comprehension, dictionary, spread
from helion.typecheck.subscripts import check_slice, check_subscript, item_of
from helion.typecheck.wording import word_of
from helion.typed_kernel import tree
from helion.types.types import (
    BlockSizeType,
    ConstantType,
    DtypeType,
    FunctionType,
    MethodType,
    ModuleType,
    NumberType,
    OpaqueType,
    OptionalType,
    Region,
    SequenceType,
    StackTensorType,
    StarSequenceType,
    TensorType,
    TileType,
    UnknownType,
    UserFunctionType,
)

_MOST_NESTED = 200
_TOO_DEEP = f"an expression nested {_MOST_NESTED} deep"


def check_expression(checker: Checker, node: ast.expr) -> tree.Expr:
    """The typed form of an expression; what cannot be typed is `Poison` or has an unknown type."""
    span = checker.span_of(node)
    if checker.expression_depth >= _MOST_NESTED:
        return _too_deep(checker, span)
    checker.expression_depth += 1
    expr = _expression(checker, node, span)
    checker.expression_depth -= 1
    checker.note(span, expr)
    return expr


def _too_deep(checker: Checker, span: Span) -> tree.Expr:
    """Said once: what is around it is nested as deeply."""
    if not any(isinstance(d, UnsupportedStatement) and d.what == _TOO_DEEP for d in checker.diagnostics):
        checker.report(UnsupportedStatement(span, _TOO_DEEP, "a kernel: give parts of it names"))
    return tree.Poison(UnknownType("nested too deeply"), span)


def _expression(checker: Checker, node: ast.expr, span: Span) -> tree.Expr:
    match node:
        case ast.Constant(value=value):
            return tree.Constant(type_of_value(value, repr(value)), span, value)
        case ast.Name(id=name):
            return _name(checker, name, span)
        case ast.Attribute(value=owner, attr=name):
            return _attribute(checker, check_expression(checker, owner), name, span, node)
        case ast.Call():
            return check_call(checker, node, check_expression)
        case ast.Subscript(value=owner, slice=index):
            return check_subscript(checker, check_expression(checker, owner), index, span, check_expression)
        case ast.Slice():
            return check_slice(checker, node, span, check_expression)
        case ast.BinOp(left=left, op=op, right=right):
            return check_binary(checker, check_expression(checker, left), op, check_expression(checker, right), span)
        case ast.UnaryOp(op=ast.Not() as op, operand=operand):
            return check_unary(checker, op, check_truth(checker, operand, check_expression), span)
        case ast.UnaryOp(op=op, operand=operand):
            return check_unary(checker, op, check_expression(checker, operand), span)
        case ast.Compare(left=ast.Name(id=name)) if narrowing_of(checker, node):
            return _none_test(checker, node, name, span)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            return check_comparison(checker, [check_expression(checker, n) for n in (left, *comparators)], ops, span)
        case ast.BoolOp():
            return check_logical(checker, node, span, check_expression)
        case ast.IfExp():
            return check_conditional(checker, node, span, check_expression)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            values = tuple(value for item in items for value in spread(checker, item, check_expression))
            if any(isinstance(i, ast.Starred) for i in items) and any(isinstance(v.type, StarSequenceType | UnknownType) for v in values):
                return tree.HostValue(UnknownType("a sequence of unknown length"), span, checker.file.text_of(span), values)
            kind = list if isinstance(node, ast.List) else tuple
            return tree.Sequence(SequenceType(tuple(v.type for v in values), kind), span, values)
        case ast.Dict(keys=keys, values=values):
            return _dict(checker, keys, values, span)
        case ast.Starred(value=value):
            inner = check_expression(checker, value)
            return tree.HostValue(inner.type, span, checker.file.text_of(span), (inner,))
        case ast.JoinedStr():
            return _formatted(checker, node, span)
        case ast.Lambda():
            return _lambda(checker, node, span)
        case ast.NamedExpr(target=target, value=value) if checker.region is Region.HOST:
            inner = check_expression(checker, value)
            type_ = checker.bind_host_name(target.id, inner.type, checker.span_of(target))
            return tree.HostValue(type_, span, checker.file.text_of(span), (inner,))
        case ast.ListComp() | ast.GeneratorExp():
            return check_comprehension(checker, node, span, check_expression)
        case ast.DictComp():
            return check_dict_comprehension(checker, node, span, check_expression)
        case ast.SetComp() if checker.region is Region.HOST:
            return tree.HostValue(UnknownType("a comprehension"), span, checker.file.text_of(span))
        case _:
            what = word_of(node)
            checker.report(UnsupportedStatement(span, what, "device code" if checker.region is Region.DEVICE else "a kernel"))
            return tree.Poison(UnknownType("not supported"), span)


def check_condition(checker: Checker, node: ast.expr) -> tree.Expr:
    """What decides a branch: one truth value for the whole program."""
    return check_truth(checker, node, check_expression)


def _name(checker: Checker, name: str, span: Span) -> tree.Expr:
    variable = checker.scope.get(name)
    if variable is not None:
        return _variable(checker, variable, span)
    if checker.region is Region.HOST and name in checker.device_names:
        checker.report(DeviceVariableReadOnHost(span, name, checker.device_names[name]))
        return tree.Poison(UnknownType("a device value"), span)
    found = checker.scope.names.resolve(name)
    if found is None and hasattr(builtins, name):
        return tree.Constant(FunctionType(name, getattr(builtins, name)), span)
    if found is None and name in checker.lost_names:
        return tree.Poison(UnknownType("its definition does not parse"), span)
    if found is None:
        candidates = [*checker.scope.variables, *checker.device_names]
        close = difflib.get_close_matches(name, candidates, 1)
        checker.report(UndefinedName(span, name, close[0] if close else None))
        return tree.Poison(UnknownType("not defined"), span)
    if isinstance(found, TensorType):
        return tree.Captured(found, span, checker.scope.names.path_of(name))
    return tree.Constant(found, span)


def _variable(checker: Checker, variable: Variable, span: Span) -> tree.Expr:
    if variable.region is Region.DEVICE and checker.region is Region.HOST:
        checker.report(DeviceVariableReadOnHost(span, variable.name, variable.span))
        return tree.Poison(UnknownType("a device value"), span)
    type_ = variable.type.inner if isinstance(variable.type, OptionalType) else variable.type
    return tree.Name(type_, span, variable.name, variable.region)


def _none_test(checker: Checker, node: ast.Compare, name: str, span: Span) -> tree.Expr:
    """`bias is None` where the text does not say: what is asked is decided by the call."""
    variable = checker.scope.get(name)
    assert variable is not None
    name_span = checker.span_of(node.left)
    read = tree.Name(variable.type, name_span, variable.name, variable.region)
    checker.note(name_span, read)
    none = check_expression(checker, node.comparators[0])
    return tree.HostValue(NumberType(bool), span, checker.file.text_of(span), (read, none))


def _attribute(checker: Checker, owner: tree.Expr, name: str, span: Span, node: ast.Attribute) -> tree.Expr:
    type_ = owner.type
    match type_:
        case UnknownType():
            return tree.HostValue(
                UnknownType(f"attribute of something unknown: {type_.because}"), span, checker.file.text_of(span), (owner,)
            )
        case ModuleType(name=module_name, module=module):
            if not hasattr(module, name):
                return _no_attribute(checker, f"module `{module_name}`", name, dir(module), span, node)
            found = type_of_value(getattr(module, name), checker.file.text_of(span))
            return tree.Constant(found, span, None)
        case TileType() | BlockSizeType():
            return _tile_attribute(checker, owner, name, span, node)
        case TensorType():
            return check_method_value(checker, owner, name, span)
        case StackTensorType():
            whole = tree.HostValue(type_.whole, owner.span, checker.file.text_of(owner.span), (owner,))
            return check_method_value(checker, whole, name, span)
        case SequenceType(fields=fields) if name in fields:
            return item_of(checker, owner, fields.index(name), span)
        case DtypeType(dtype=None) if (told := dtype_attribute(name)) is not None:
            return tree.HostValue(told, span, checker.file.text_of(span), (owner,))
        case OpaqueType(cls=cls) if (told := opaque_attribute(cls, name)) is not None:
            return tree.HostValue(told, span, checker.file.text_of(span), (owner,))
        case FunctionType(function=function) if hasattr(function, name):
            return tree.Constant(type_of_value(getattr(function, name), checker.file.text_of(span)), span)
        case ConstantType(value=torch.finfo() | torch.iinfo() as limits) if hasattr(limits, name):
            return tree.Constant(type_of_value(getattr(limits, name), checker.file.text_of(span)), span, getattr(limits, name))
        case ConstantType(value=None) if not hasattr(None, name):
            return _no_attribute(checker, f"`{checker.file.text_of(owner.span)}`, which is None here,", name, (), span, node)
        case DtypeType(dtype=dtype) if dtype is not None and hasattr(dtype, name):
            return tree.Constant(type_of_value(getattr(dtype, name), checker.file.text_of(span)), span, getattr(dtype, name))
        case _:
            return tree.HostValue(MethodType(type_, name), span, checker.file.text_of(span), (owner,))


def _tile_attribute(checker: Checker, owner: tree.Expr, name: str, span: Span, node: ast.Attribute) -> tree.Expr:
    op = OPS.find_tile_attribute(name)
    if op is None or op.infer is None:
        known = [o.tile_attribute for o in OPS.ops if o.tile_attribute is not None]
        return _no_attribute(checker, "a tile", name, known, span, node)
    with checker.calling(span, {}):
        return tree.Call(op.infer(checker, owner.type), span, op.function, (owner,))


def _no_attribute(checker: Checker, owner: str, name: str, known: Any, span: Span, node: ast.Attribute) -> tree.Expr:
    close = difflib.get_close_matches(name, list(known), 1)
    checker.report(UnknownAttribute(span, owner, name, close[0] if close else None))
    return tree.Poison(UnknownType("no such attribute"), span)


def _dict(checker: Checker, keys: list[ast.expr | None], values: list[ast.expr], span: Span) -> tree.Expr:
    entries = [
        (None if key is None else check_expression(checker, key), check_expression(checker, value))
        for key, value in zip(keys, values, strict=True)
    ]
    return dictionary(checker, entries, span)


def _formatted(checker: Checker, node: ast.JoinedStr, span: Span) -> tree.Expr:
    """An f-string: constant where all it shows is, as in a key of a loop that is unrolled; else text that the host alone has."""
    shown = [check_expression(checker, part.value) for part in node.values if isinstance(part, ast.FormattedValue)]
    parts = iter(shown)
    texts = [_shown(part, part if isinstance(part, ast.Constant) else next(parts)) for part in node.values]
    if all(text is not None for text in texts):
        text = "".join(text for text in texts if text is not None)
        return tree.Constant(type_of_value(text, repr(text)), span, text)
    if any(isinstance(part.type, TensorType | NumberType) and part.type.region is Region.DEVICE for part in shown):
        checker.report(UnsupportedStatement(span, "an f-string of a device value", "device code"))
        return tree.Poison(UnknownType("not supported"), span)
    return tree.HostValue(OpaqueType(str), span, checker.file.text_of(span), tuple(shown))


def _shown(part: ast.expr, value: ast.Constant | tree.Expr) -> str | None:
    """The text of one part of an f-string; None when it is not known, or shown in a format."""
    if isinstance(value, ast.Constant):
        return str(value.value)
    known = constant_of(value.type)
    is_plain = isinstance(part, ast.FormattedValue) and part.conversion == -1 and part.format_spec is None
    return str(known.value) if is_plain and known is not None else None


def _lambda(checker: Checker, node: ast.Lambda, span: Span) -> tree.Expr:
    syntax = function_syntax(checker.file, node)
    return tree.Constant(UserFunctionType("<lambda>", syntax, checker.scope.names, checker.scope), span)
