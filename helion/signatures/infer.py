"""A kernel's syntax in, the signature the editor checks it with out: annotations, uses, calls and defaults, each with where it is from."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from helion.signatures.from_annotations import allows_none, is_constexpr, type_from_annotation
from helion.signatures.from_call_sites import CallEvidence, evidence_from_call_sites
from helion.signatures.from_uses import ShapeEvidence, shapes_from_uses, size_names_from_uses
from helion.signatures.from_values import Names
from helion.signatures.signature import KernelSignature, ParameterType
from helion.source import Span
from helion.syntax.parse import function_syntax
from helion.syntax.tree import KernelSyntax, span_of
from helion.types.dims import Dim, SizeSymbol, size_symbol
from helion.types.types import (
    DimOrigin,
    NumberType,
    OpaqueType,
    Region,
    SequenceType,
    Star,
    TensorType,
    Type,
    UnknownType,
    UserFunctionType,
)


def infer_signature(
    kernel: KernelSyntax, names: Names | None = None, *, from_calls: bool = True, elsewhere: Mapping[str, CallEvidence] | None = None
) -> KernelSignature:
    """The best that the text says about each parameter. Nothing is run.

    `names` are the file's, for lambdas at call sites; without `from_calls` the calls of the kernel in its file say nothing. Calls
    `elsewhere`, in other files, count where those of the file say nothing.
    """
    node = kernel.function.node
    assert isinstance(node, ast.FunctionDef)
    uses = shapes_from_uses(node)
    calls = _strongest(evidence_from_call_sites(kernel, names) if from_calls else {}, elsewhere or {})
    size_names = size_names_from_uses(node)
    defaults = _defaults(node)
    parameters: dict[str, ParameterType] = {}
    origins: dict[Any, DimOrigin] = {}
    for argument in (*node.args.posonlyargs, *node.args.args):
        name = argument.arg
        default = defaults.get(name)
        annotated = type_from_annotation(argument.annotation, name)
        words = "" if argument.annotation is None else f"annotation `{ast.unparse(argument.annotation)}`"
        found = _parameter(name, annotated, words, uses.get(name), _with_names(calls.get(name), size_names.get(name, {})))
        is_baked = is_constexpr(argument.annotation)
        untyped = isinstance(found.type, UnknownType) and (annotated is None or is_baked)
        varies = name in calls and calls[name].varies
        if default is not None and not varies and (untyped or isinstance(found.type, OpaqueType)):
            found = _from_default(kernel, default, names, is_baked=is_baked) or found
        optional = allows_none(argument.annotation) or (isinstance(default, ast.Constant) and default.value is None)
        parameters[name] = replace(found, optional=optional, is_baked=is_baked)
        start = span_of(kernel.file, argument).start
        _add_origins(origins, found, name, Span(start, start + len(name)))
    return KernelSignature(parameters, origins)


def _strongest(own: Mapping[str, CallEvidence], elsewhere: Mapping[str, CallEvidence]) -> dict[str, CallEvidence]:
    """The file's own calls, and for parameters whose dtype or rank they leave open those of other files that do not contradict them."""
    found = {**elsewhere, **own}
    for name in own.keys() & elsewhere.keys():
        ours, theirs = own[name], elsewhere[name]
        leaves_open = ours.function is None and (ours.dtype is None or ours.rank is None)
        agrees = ours.dtype in (None, theirs.dtype) and ours.rank in (None, theirs.rank)
        if leaves_open and agrees and theirs.function is None and (theirs.dtype, theirs.rank) != (None, None):
            found[name] = replace(theirs, dtype=ours.dtype or theirs.dtype, rank=theirs.rank if ours.rank is None else ours.rank)
    return found


def _defaults(node: ast.FunctionDef) -> dict[str, ast.expr]:
    arguments = [*node.args.posonlyargs, *node.args.args]
    return {a.arg: d for a, d in zip(arguments[len(arguments) - len(node.args.defaults) :], node.args.defaults, strict=True)}


def _parameter(name: str, annotated: Type | None, words: str, use: ShapeEvidence | None, call: CallEvidence | None) -> ParameterType:
    if call is not None and call.function is not None and (annotated is None or isinstance(annotated, OpaqueType)):
        return ParameterType(call.function, f"from {call.words}")
    if not (annotated is None or isinstance(annotated, TensorType)):
        return ParameterType(annotated, words)
    if isinstance(annotated, TensorType) and annotated.rank is not None:
        return _with_dtype(ParameterType(annotated, words), call)
    if use is not None and (use.strength == 3 or (use.strength > 1 and (call is None or call.rank in (None, len(use.names))))):
        dims = tuple(size_symbol(given or f"{name}.{position}") for position, given in enumerate(use.names))
        return _with_dtype(ParameterType(TensorType(dims, None, Region.HOST), use.words), call)
    if call is not None and not call.varies:
        dims = (
            (Star(name),)
            if call.rank is None
            else tuple(size_symbol(call.names.get(position) or f"{name}.{position}") for position in range(call.rank))
        )
        return ParameterType(TensorType(dims, call.dtype, Region.HOST), f"from {call.words}")
    if annotated is None:
        return ParameterType(UnknownType("nothing says what it is"), "no evidence")
    return ParameterType(annotated, words)


def _with_names(call: CallEvidence | None, names: Mapping[int, str]) -> CallEvidence | None:
    """The evidence of calls with what the kernel calls the sizes; negative positions count from a known rank."""
    if call is None or call.rank is None:
        return call
    rank = call.rank
    return replace(call, names={p % rank: name for p, name in names.items() if -rank <= p < rank})


def _with_dtype(found: ParameterType, call: CallEvidence | None) -> ParameterType:
    """A shape with the dtype of the calls, where nothing stronger gives one."""
    type_ = found.type
    if call is None or call.dtype is None or not isinstance(type_, TensorType) or type_.dtype is not None:
        return found
    return ParameterType(TensorType(type_.shape, call.dtype, type_.region), found.evidence, dtype_evidence=f"dtype from {call.words}")


def _from_default(kernel: KernelSyntax, default: ast.expr, names: Names | None, *, is_baked: bool) -> ParameterType | None:
    words = f"default `{ast.unparse(default)}`"
    match default:
        case ast.Constant(value=bool()) if is_baked:
            return ParameterType(OpaqueType(bool), words)  # the call decides its branches, so that either may be all there is
        case ast.Constant(value=bool() | int() | float() as value):
            return ParameterType(NumberType(type(value)), words)
        case ast.Constant(value=str()):
            return ParameterType(OpaqueType(str), words)
        case ast.Lambda() if names is not None:
            return ParameterType(UserFunctionType("<lambda>", function_syntax(kernel.file, default), names), words)
        case ast.Name(id=name) if names is not None and isinstance(function := names.resolve(name), UserFunctionType):
            return ParameterType(function, words)
        case _:
            return None


def _add_origins(origins: dict[Any, DimOrigin], parameter: ParameterType, name: str, span: Span) -> None:
    type_: Type = parameter.type
    if isinstance(type_, TensorType):
        for position, size in enumerate(type_.shape):
            if isinstance(size, SizeSymbol):
                words = f"size {position} of `{name}` ({parameter.evidence})"
                origins.setdefault(size, DimOrigin(words, span, f"{name}.size({position})"))
    if isinstance(type_, SequenceType):
        for position, item in enumerate(type_.items):
            _add_origins(origins, replace(parameter, type=item), type_.path(name, position), span)
    if isinstance(type_, NumberType) and isinstance(type_.value, Dim):
        for symbol in type_.value.free_symbols:
            origins.setdefault(symbol, DimOrigin(f"argument `{name}`", span, name))
